@group(0) @binding(0) var<storage, read_write> dst0: array<vec4f>;
@group(0) @binding(1) var<storage, read> src0: array<vec4f>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let point = group * 64u + lid;
  if (point >= 20u) { return; }
  let v0 = point % 4u;
  let v1 = point / 4u;
  let c = 4u * v0;
  let v2 = (v1 * 16u) + c;
  let v3 = src0[select(0u, (v2 - 8u), (!(c < 8u))) >> 2u];
  let v4 = src0[select(0u, (v2 + 8u), (c < 8u)) >> 2u];
  let v5 = select(v3, (-v4), vec4<bool>((c < 8u)));
  dst0[v2 >> 2u] = v5;
}

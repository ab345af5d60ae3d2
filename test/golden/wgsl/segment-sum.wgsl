struct Params { p0: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<vec4f>;
@group(0) @binding(1) var<storage, read> src0: array<i32>;
@group(0) @binding(2) var<storage, read> src1: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let point = group * 64u + lid;
  if (point >= 32u) { return; }
  let v0 = point % 16u;
  let v1 = point / 16u;
  let c = 4u * v0;
  let v2 = src0[v1];
  let v3 = i32(p0);
  let v4 = src0[v1 + 1u];
  let start = u32(min(max(v2, 0i), v3));
  let to = u32(min(max(v4, 0i), v3));
  var run = vec4f(0);
  for (var r = start; r < to; r++) {
    let v5 = src1[(c + (r * 64u)) >> 2u];
    run += v5;
  }
  let sum = run;
  let v6 = sum;
  dst0[((v1 * 64u) + c) >> 2u] = v6;
}

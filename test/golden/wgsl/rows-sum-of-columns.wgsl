struct Params { p0: u32, p1: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<f32>;
@group(0) @binding(1) var<storage, read> src0: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let row = group * 64u + lid;
  if (row >= 16u) { return; }
  let v0 = row % 8u;
  let v1 = row / 8u;
  var fold0 = 0f;
  let v2 = (v1 * p1) + v0;
  for (var c = 0u; c < p0; c++) {
    let v3 = src0[v2 + (c * 8u)];
    fold0 = fold0 + v3;
  }
  let v4 = fold0;
  dst0[(v1 * 8u) + v0] = v4;
}

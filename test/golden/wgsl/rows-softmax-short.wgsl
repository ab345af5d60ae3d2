struct Params { p0: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<f32>;
@group(0) @binding(1) var<storage, read_write> dst1: array<f32>;
@group(0) @binding(2) var<storage, read> src0: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let row = group * 64u + lid;
  if (row >= 3u) { return; }
  var fold0 = -3.4028234663852886e+38f;
  for (var c = 0u; c < p0; c++) {
    let v0 = (row * 5u) + c;
    let v1 = src0[v0];
    let v2 = v1 * 5f;
    fold0 = max(fold0, v2);
  }
  let v3 = fold0;
  var fold1 = 0f;
  for (var c = 0u; c < p0; c++) {
    let v4 = (row * 5u) + c;
    let v5 = src0[v4];
    let v6 = v5 * 5f;
    let v7 = exp((v6 - v3));
    fold1 = fold1 + v7;
  }
  let v8 = fold1;
  dst0[row] = v8;
  for (var c = 0u; c < p0; c++) {
    let v9 = (row * 5u) + c;
    let v10 = src0[v9];
    let v11 = v10 * 5f;
    let v12 = exp((v11 - v3));
    dst1[v9] = v12 / v8;
  }
}

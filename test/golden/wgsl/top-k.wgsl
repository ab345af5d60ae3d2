struct Params { p0: u32, p1: u32, p2: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<i32>;
@group(0) @binding(1) var<storage, read> src0: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let p2 = params.p2;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let row = group * 64u + lid;
  if (row >= p0) { return; }
  var key0 = 0u;
  var column0 = 0u;
  var key1 = 0u;
  var column1 = 0u;
  for (var c = 0u; c < p1; c++) {
    let v0 = src0[(row * 8u) + c];
    let v1 = bitcast<u32>(v0);
    let v2 = select(select(v1 | 0x80000000u, ~v1, v1 > 0x80000000u), 1u, (v1 & 0x7fffffffu) > 0x7f800000u);
    if (v2 > key1) {
      let before0 = v2 > key0;
      let before1 = v2 > key1;
      key1 = select(select(key1, v2, before1), key0, before0);
      column1 = select(select(column1, c, before1), column0, before0);
      key0 = select(key0, v2, before0);
      column0 = select(column0, c, before0);
    }
  }
  var columns = array<u32, 2>(column0, column1);
  for (var r = 0u; r < p2; r++) {
    let column = columns[r];
    dst0[(row * 2u) + r] = i32(column);
  }
}

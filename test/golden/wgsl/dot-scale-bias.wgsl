struct Params { p0: u32, p1: u32, p2: u32, p3: u32, p4: u32, p5: u32, p6: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<vec4f>;
@group(0) @binding(1) var<storage, read> src0: array<vec4f>;
@group(0) @binding(2) var<storage, read> src1: array<f32>;
@group(0) @binding(3) var<storage, read> src2: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let p2 = params.p2;
  let p3 = params.p3;
  let p4 = params.p4;
  let p5 = params.p5;
  let p6 = params.p6;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let rowTiles = ((p0 + 31u) / 32u);
  let tile = group % rowTiles;
  let above = group / rowTiles;
  let columnTile = above % 3u;
  let point = above / 3u;
  if (point >= 1u) { return; }
  let row = tile * 32u + (lid / 8u) * 4u;
  if (row >= p0) { return; }
  let column = columnTile * 32u + (lid % 8u) * 4u;
  if (column >= 96u) { return; }
  let v0 = min(row + 1u, p0 - 1u);
  let v1 = min(row + 2u, p0 - 1u);
  let v2 = min(row + 3u, p0 - 1u);
  let v3 = min(column, 96u - 4u);
  var sum0_0_0 = vec4f(0f);
  var sum0_1_0 = vec4f(0f);
  var sum0_2_0 = vec4f(0f);
  var sum0_3_0 = vec4f(0f);
  let v5 = src1[p2 + row];
  let v9 = src1[p2 + v0];
  let v12 = src1[p2 + v1];
  let v15 = src1[p2 + v2];
  let v17 = p4 + v3;
  for (var k = 0u; k < p1; k += 4u) {
    let v4 = src0[((row * 64u) + k) >> 2u];
    let v6 = src2[(p3 + k) >> 2u];
    let v7 = (v4 * vec4f(v5)) * v6;
    let v8 = src0[((v0 * 64u) + k) >> 2u];
    let v10 = (v8 * vec4f(v9)) * v6;
    let v11 = src0[((v1 * 64u) + k) >> 2u];
    let v13 = (v11 * vec4f(v12)) * v6;
    let v14 = src0[((v2 * 64u) + k) >> 2u];
    let v16 = (v14 * vec4f(v15)) * v6;
    let v18 = src2[(v17 + (k * 96u)) >> 2u];
    let v19 = k + 1u;
    let v20 = src2[(v17 + (v19 * 96u)) >> 2u];
    let v21 = k + 2u;
    let v22 = src2[(v17 + (v21 * 96u)) >> 2u];
    let v23 = k + 3u;
    let v24 = src2[(v17 + (v23 * 96u)) >> 2u];
    sum0_0_0 = fma(vec4f(v7.x), v18, sum0_0_0);
    sum0_0_0 = fma(vec4f(v7.y), v20, sum0_0_0);
    sum0_0_0 = fma(vec4f(v7.z), v22, sum0_0_0);
    sum0_0_0 = fma(vec4f(v7.w), v24, sum0_0_0);
    sum0_1_0 = fma(vec4f(v10.x), v18, sum0_1_0);
    sum0_1_0 = fma(vec4f(v10.y), v20, sum0_1_0);
    sum0_1_0 = fma(vec4f(v10.z), v22, sum0_1_0);
    sum0_1_0 = fma(vec4f(v10.w), v24, sum0_1_0);
    sum0_2_0 = fma(vec4f(v13.x), v18, sum0_2_0);
    sum0_2_0 = fma(vec4f(v13.y), v20, sum0_2_0);
    sum0_2_0 = fma(vec4f(v13.z), v22, sum0_2_0);
    sum0_2_0 = fma(vec4f(v13.w), v24, sum0_2_0);
    sum0_3_0 = fma(vec4f(v16.x), v18, sum0_3_0);
    sum0_3_0 = fma(vec4f(v16.y), v20, sum0_3_0);
    sum0_3_0 = fma(vec4f(v16.z), v22, sum0_3_0);
    sum0_3_0 = fma(vec4f(v16.w), v24, sum0_3_0);
  }
  var sum0 = array<vec4f, 4>(sum0_0_0, sum0_1_0, sum0_2_0, sum0_3_0);
  let rows = min(p5, p0 - row);
  let v26 = src2[(p6 + v3) >> 2u];
  for (var r = 0u; r < rows; r++) {
    let m = row + r;
    let v25 = sum0[r];
    let v27 = v25 + v26;
    dst0[(v3 + (m * 96u)) >> 2u] = v27;
  }
}

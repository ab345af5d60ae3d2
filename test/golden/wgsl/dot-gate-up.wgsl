struct Params { p0: u32, p1: u32, p2: u32, p3: u32, p4: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<vec4f>;
@group(0) @binding(1) var<storage, read> src0: array<vec4f>;
@group(0) @binding(2) var<storage, read> src1: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let p2 = params.p2;
  let p3 = params.p3;
  let p4 = params.p4;
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
  var sum1_0_0 = vec4f(0f);
  var sum1_1_0 = vec4f(0f);
  var sum1_2_0 = vec4f(0f);
  var sum1_3_0 = vec4f(0f);
  for (var k = 0u; k < p1; k += 4u) {
    let v4 = src0[((row * 64u) + k) >> 2u];
    let v5 = src0[((v0 * 64u) + k) >> 2u];
    let v6 = src0[((v1 * 64u) + k) >> 2u];
    let v7 = src0[((v2 * 64u) + k) >> 2u];
    let v8 = v3 + (k * 96u);
    let v9 = src1[(p2 + v8) >> 2u];
    let v10 = k + 1u;
    let v11 = v3 + (v10 * 96u);
    let v12 = src1[(p2 + v11) >> 2u];
    let v13 = k + 2u;
    let v14 = v3 + (v13 * 96u);
    let v15 = src1[(p2 + v14) >> 2u];
    let v16 = k + 3u;
    let v17 = v3 + (v16 * 96u);
    let v18 = src1[(p2 + v17) >> 2u];
    sum0_0_0 = fma(vec4f(v4.x), v9, sum0_0_0);
    sum0_0_0 = fma(vec4f(v4.y), v12, sum0_0_0);
    sum0_0_0 = fma(vec4f(v4.z), v15, sum0_0_0);
    sum0_0_0 = fma(vec4f(v4.w), v18, sum0_0_0);
    sum0_1_0 = fma(vec4f(v5.x), v9, sum0_1_0);
    sum0_1_0 = fma(vec4f(v5.y), v12, sum0_1_0);
    sum0_1_0 = fma(vec4f(v5.z), v15, sum0_1_0);
    sum0_1_0 = fma(vec4f(v5.w), v18, sum0_1_0);
    sum0_2_0 = fma(vec4f(v6.x), v9, sum0_2_0);
    sum0_2_0 = fma(vec4f(v6.y), v12, sum0_2_0);
    sum0_2_0 = fma(vec4f(v6.z), v15, sum0_2_0);
    sum0_2_0 = fma(vec4f(v6.w), v18, sum0_2_0);
    sum0_3_0 = fma(vec4f(v7.x), v9, sum0_3_0);
    sum0_3_0 = fma(vec4f(v7.y), v12, sum0_3_0);
    sum0_3_0 = fma(vec4f(v7.z), v15, sum0_3_0);
    sum0_3_0 = fma(vec4f(v7.w), v18, sum0_3_0);
    let v19 = src1[(p3 + v8) >> 2u];
    let v20 = src1[(p3 + v11) >> 2u];
    let v21 = src1[(p3 + v14) >> 2u];
    let v22 = src1[(p3 + v17) >> 2u];
    sum1_0_0 = fma(vec4f(v4.x), v19, sum1_0_0);
    sum1_0_0 = fma(vec4f(v4.y), v20, sum1_0_0);
    sum1_0_0 = fma(vec4f(v4.z), v21, sum1_0_0);
    sum1_0_0 = fma(vec4f(v4.w), v22, sum1_0_0);
    sum1_1_0 = fma(vec4f(v5.x), v19, sum1_1_0);
    sum1_1_0 = fma(vec4f(v5.y), v20, sum1_1_0);
    sum1_1_0 = fma(vec4f(v5.z), v21, sum1_1_0);
    sum1_1_0 = fma(vec4f(v5.w), v22, sum1_1_0);
    sum1_2_0 = fma(vec4f(v6.x), v19, sum1_2_0);
    sum1_2_0 = fma(vec4f(v6.y), v20, sum1_2_0);
    sum1_2_0 = fma(vec4f(v6.z), v21, sum1_2_0);
    sum1_2_0 = fma(vec4f(v6.w), v22, sum1_2_0);
    sum1_3_0 = fma(vec4f(v7.x), v19, sum1_3_0);
    sum1_3_0 = fma(vec4f(v7.y), v20, sum1_3_0);
    sum1_3_0 = fma(vec4f(v7.z), v21, sum1_3_0);
    sum1_3_0 = fma(vec4f(v7.w), v22, sum1_3_0);
  }
  var sum0 = array<vec4f, 4>(sum0_0_0, sum0_1_0, sum0_2_0, sum0_3_0);
  var sum1 = array<vec4f, 4>(sum1_0_0, sum1_1_0, sum1_2_0, sum1_3_0);
  let rows = min(p4, p0 - row);
  for (var r = 0u; r < rows; r++) {
    let m = row + r;
    let v23 = sum0[r];
    let v24 = sum1[r];
    let v25 = v23 * v24;
    dst0[(v3 + (m * 96u)) >> 2u] = v25;
  }
}

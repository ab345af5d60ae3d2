struct Params { p0: u32, p1: u32, p2: u32, p3: u32, p4: u32, p5: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dst1: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dst2: array<vec4f>;
@group(0) @binding(3) var<storage, read> src0: array<vec4f>;
@group(0) @binding(4) var<storage, read> src1: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let p2 = params.p2;
  let p3 = params.p3;
  let p4 = params.p4;
  let p5 = params.p5;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let rowTiles = ((p3 + 31u) / 32u);
  let tile = group % rowTiles;
  let above = group / rowTiles;
  let columnTile = above % 4u;
  let point = above / 4u;
  if (point >= 1u) { return; }
  let row = tile * 32u + (lid / 8u) * 4u;
  if (row >= p3) { return; }
  var firstTile_ = 0u;
  var size_ = 64u;
  var choice0_ = 64u;
  var choice1_ = 0u;
  if (columnTile >= 2u) {
    firstTile_ = 2u;
    size_ = 32u;
    choice0_ = 32u;
    choice1_ = (p1 - p0);
  }
  if (columnTile >= 3u) {
    firstTile_ = 3u;
    size_ = 32u;
    choice0_ = 32u;
    choice1_ = (p2 - p0);
  }
  let firstTile = firstTile_;
  let size = size_;
  let choice0 = choice0_;
  let choice1 = choice1_;
  let column = (columnTile - firstTile) * 32u + (lid % 8u) * 4u;
  if (column >= size) { return; }
  let v0 = min(row + 1u, p3 - 1u);
  let v1 = min(row + 2u, p3 - 1u);
  let v2 = min(row + 3u, p3 - 1u);
  let v3 = min(column, size - 4u);
  var sum0_0_0 = vec4f(0f);
  var sum0_1_0 = vec4f(0f);
  var sum0_2_0 = vec4f(0f);
  var sum0_3_0 = vec4f(0f);
  let v4 = row * 64u;
  let v6 = v0 * 64u;
  let v8 = v1 * 64u;
  let v10 = v2 * 64u;
  let v12 = (p0 + v3) + choice1;
  for (var k = 0u; k < p4; k += 4u) {
    let v5 = src0[(v4 + k) >> 2u];
    let v7 = src0[(v6 + k) >> 2u];
    let v9 = src0[(v8 + k) >> 2u];
    let v11 = src0[(v10 + k) >> 2u];
    let v13 = src1[(v12 + (k * choice0)) >> 2u];
    let v14 = k + 1u;
    let v15 = src1[(v12 + (v14 * choice0)) >> 2u];
    let v16 = k + 2u;
    let v17 = src1[(v12 + (v16 * choice0)) >> 2u];
    let v18 = k + 3u;
    let v19 = src1[(v12 + (v18 * choice0)) >> 2u];
    sum0_0_0 = fma(vec4f(v5.x), v13, sum0_0_0);
    sum0_0_0 = fma(vec4f(v5.y), v15, sum0_0_0);
    sum0_0_0 = fma(vec4f(v5.z), v17, sum0_0_0);
    sum0_0_0 = fma(vec4f(v5.w), v19, sum0_0_0);
    sum0_1_0 = fma(vec4f(v7.x), v13, sum0_1_0);
    sum0_1_0 = fma(vec4f(v7.y), v15, sum0_1_0);
    sum0_1_0 = fma(vec4f(v7.z), v17, sum0_1_0);
    sum0_1_0 = fma(vec4f(v7.w), v19, sum0_1_0);
    sum0_2_0 = fma(vec4f(v9.x), v13, sum0_2_0);
    sum0_2_0 = fma(vec4f(v9.y), v15, sum0_2_0);
    sum0_2_0 = fma(vec4f(v9.z), v17, sum0_2_0);
    sum0_2_0 = fma(vec4f(v9.w), v19, sum0_2_0);
    sum0_3_0 = fma(vec4f(v11.x), v13, sum0_3_0);
    sum0_3_0 = fma(vec4f(v11.y), v15, sum0_3_0);
    sum0_3_0 = fma(vec4f(v11.z), v17, sum0_3_0);
    sum0_3_0 = fma(vec4f(v11.w), v19, sum0_3_0);
  }
  var sum0 = array<vec4f, 4>(sum0_0_0, sum0_1_0, sum0_2_0, sum0_3_0);
  let rows = min(p5, p3 - row);
  for (var r = 0u; r < rows; r++) {
    let m = row + r;
    let v21 = m * 64u;
    let v22 = v3 + v21;
    if (columnTile < 2u) {
      let v20 = sum0[r];
      dst0[v22 >> 2u] = v20;
    }
    let v24 = m * 32u;
    let v25 = v3 + v24;
    if (columnTile >= 2u && columnTile < 3u) {
      let v23 = sum0[r];
      dst1[v25 >> 2u] = v23;
    }
    if (columnTile >= 3u) {
      let v26 = sum0[r];
      dst2[v25 >> 2u] = v26;
    }
  }
}

struct Params { p0: u32, p1: u32, p2: u32, p3: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<f32>;
@group(0) @binding(1) var<storage, read> src0: array<vec4f>;
@group(0) @binding(2) var<storage, read> src1: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let p2 = params.p2;
  let p3 = params.p3;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let rowTiles = ((p0 + 31u) / 32u);
  let tile = group % rowTiles;
  let above = group / rowTiles;
  let columnTile = above % 17u;
  let point = above / 17u;
  if (point >= 1u) { return; }
  let row = tile * 32u + (lid / 8u) * 4u;
  if (row >= p0) { return; }
  let column = columnTile * 32u + (lid % 8u) * 4u;
  if (column >= 515u) { return; }
  let v0 = min(row + 1u, p0 - 1u);
  let v1 = min(row + 2u, p0 - 1u);
  let v2 = min(row + 3u, p0 - 1u);
  let v3 = min(column + vec4u(0u, 1u, 2u, 3u), vec4u(515u - 1u));
  var sum0_0_0 = vec4f(0f);
  var sum0_1_0 = vec4f(0f);
  var sum0_2_0 = vec4f(0f);
  var sum0_3_0 = vec4f(0f);
  let v8 = p2 + (v3.x * 64u);
  let v10 = p2 + (v3.y * 64u);
  let v12 = p2 + (v3.z * 64u);
  let v14 = p2 + (v3.w * 64u);
  for (var k = 0u; k < p1; k += 4u) {
    let v4 = src0[((row * 64u) + k) >> 2u];
    let v5 = src0[((v0 * 64u) + k) >> 2u];
    let v6 = src0[((v1 * 64u) + k) >> 2u];
    let v7 = src0[((v2 * 64u) + k) >> 2u];
    let v9 = src1[(v8 + k) >> 2u];
    let v11 = src1[(v10 + k) >> 2u];
    let v13 = src1[(v12 + k) >> 2u];
    let v15 = src1[(v14 + k) >> 2u];
    sum0_0_0 += vec4f(dot(v4, v9), dot(v4, v11), dot(v4, v13), dot(v4, v15));
    sum0_1_0 += vec4f(dot(v5, v9), dot(v5, v11), dot(v5, v13), dot(v5, v15));
    sum0_2_0 += vec4f(dot(v6, v9), dot(v6, v11), dot(v6, v13), dot(v6, v15));
    sum0_3_0 += vec4f(dot(v7, v9), dot(v7, v11), dot(v7, v13), dot(v7, v15));
  }
  var sum0 = array<vec4f, 4>(sum0_0_0, sum0_1_0, sum0_2_0, sum0_3_0);
  let rows = min(p3, p0 - row);
  for (var r = 0u; r < rows; r++) {
    let m = row + r;
    let v16 = sum0[r];
    let v17 = vec4u((m * 515u)) + v3;
    if (column + 0u < 515u) { dst0[v17.x] = v16.x; }
    if (column + 1u < 515u) { dst0[v17.y] = v16.y; }
    if (column + 2u < 515u) { dst0[v17.z] = v16.z; }
    if (column + 3u < 515u) { dst0[v17.w] = v16.w; }
  }
}

struct Params { p0: u32, p1: u32, p2: u32, p3: u32, p4: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<vec4f>;
@group(0) @binding(1) var<storage, read> src0: array<i32>;
@group(0) @binding(2) var<storage, read> src1: array<vec4f>;
@group(0) @binding(3) var<storage, read> src2: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let p2 = params.p2;
  let p3 = params.p3;
  let p4 = params.p4;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  let rowTiles = ((p0 + 31u) / 32u) + 3u;
  let tile = group % rowTiles;
  let above = group / rowTiles;
  let columnTile = above % 3u;
  let point = above / 3u;
  if (point >= 1u) { return; }
  var rest = tile;
  var first = 0u;
  var end = 0u;
  var found = 0u;
  let v1 = i32(p0);
  for (; found < p2; found++) {
    let v0 = src0[1u + found];
    end = max(first, u32(min(max(v0, 0i), v1)));
    let tiles = (end - first + 31u) / 32u;
    if (rest < tiles) { break; }
    rest -= tiles;
    first = end;
  }
  if (found == p2) { end = p0; }
  let row = first + rest * 32u + (lid / 8u) * 4u;
  let rowEnd = end;
  if (row >= rowEnd) { return; }
  let part = min(found, p2 - 1u);
  let depth = select(0u, p1, found < p2);
  let column = columnTile * 32u + (lid % 8u) * 4u;
  if (column >= 96u) { return; }
  let v2 = min(row + 1u, rowEnd - 1u);
  let v3 = min(row + 2u, rowEnd - 1u);
  let v4 = min(row + 3u, rowEnd - 1u);
  let v5 = min(column, 96u - 4u);
  var sum0_0_0 = vec4f(0f);
  var sum0_1_0 = vec4f(0f);
  var sum0_2_0 = vec4f(0f);
  var sum0_3_0 = vec4f(0f);
  let v10 = (p3 + (part * 6144u)) + v5;
  for (var k = 0u; k < depth; k += 4u) {
    let v6 = src1[((row * 64u) + k) >> 2u];
    let v7 = src1[((v2 * 64u) + k) >> 2u];
    let v8 = src1[((v3 * 64u) + k) >> 2u];
    let v9 = src1[((v4 * 64u) + k) >> 2u];
    let v11 = src2[(v10 + (k * 96u)) >> 2u];
    let v12 = k + 1u;
    let v13 = src2[(v10 + (v12 * 96u)) >> 2u];
    let v14 = k + 2u;
    let v15 = src2[(v10 + (v14 * 96u)) >> 2u];
    let v16 = k + 3u;
    let v17 = src2[(v10 + (v16 * 96u)) >> 2u];
    sum0_0_0 = fma(vec4f(v6.x), v11, sum0_0_0);
    sum0_0_0 = fma(vec4f(v6.y), v13, sum0_0_0);
    sum0_0_0 = fma(vec4f(v6.z), v15, sum0_0_0);
    sum0_0_0 = fma(vec4f(v6.w), v17, sum0_0_0);
    sum0_1_0 = fma(vec4f(v7.x), v11, sum0_1_0);
    sum0_1_0 = fma(vec4f(v7.y), v13, sum0_1_0);
    sum0_1_0 = fma(vec4f(v7.z), v15, sum0_1_0);
    sum0_1_0 = fma(vec4f(v7.w), v17, sum0_1_0);
    sum0_2_0 = fma(vec4f(v8.x), v11, sum0_2_0);
    sum0_2_0 = fma(vec4f(v8.y), v13, sum0_2_0);
    sum0_2_0 = fma(vec4f(v8.z), v15, sum0_2_0);
    sum0_2_0 = fma(vec4f(v8.w), v17, sum0_2_0);
    sum0_3_0 = fma(vec4f(v9.x), v11, sum0_3_0);
    sum0_3_0 = fma(vec4f(v9.y), v13, sum0_3_0);
    sum0_3_0 = fma(vec4f(v9.z), v15, sum0_3_0);
    sum0_3_0 = fma(vec4f(v9.w), v17, sum0_3_0);
  }
  var sum0 = array<vec4f, 4>(sum0_0_0, sum0_1_0, sum0_2_0, sum0_3_0);
  let rows = min(p4, rowEnd - row);
  for (var r = 0u; r < rows; r++) {
    let m = row + r;
    let v18 = sum0[r];
    dst0[(v5 + (m * 96u)) >> 2u] = v18;
  }
}

struct Params { p0: u32, p1: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<f32>;
@group(0) @binding(1) var<storage, read_write> dst1: array<vec4f>;
@group(0) @binding(2) var<storage, read> src0: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;
var<workgroup> parts_f32: array<f32, 64>;
var<workgroup> folds_f32: array<f32, 8>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  if (group >= 3u) { return; }
  var part0 = vec4f(-3.4028234663852886e+38f);
  for (var x = lid; x < p0; x += 64u) {
    let c = 4u * x;
    let v0 = (group * 256u) + c;
    let v1 = src0[v0 >> 2u];
    let v2 = v1 * vec4f(5f);
    part0 = max(part0, v2);
  }
  parts_f32[lid] = max(max(part0.x, part0.y), max(part0.z, part0.w));
  workgroupBarrier();
  if (lid < 8u) {
    var fold = parts_f32[lid * 8u];
    for (var j = 1u; j < p1; j++) { fold = max(fold, parts_f32[lid * 8u + j]); }
    folds_f32[lid] = fold;
  }
  workgroupBarrier();
  var total0 = folds_f32[0];
  for (var j = 1u; j < p1; j++) { total0 = max(total0, folds_f32[j]); }
  let v3 = total0;
  var part1 = vec4f(0f);
  for (var x = lid; x < p0; x += 64u) {
    let c = 4u * x;
    let v4 = (group * 256u) + c;
    let v5 = src0[v4 >> 2u];
    let v6 = v5 * vec4f(5f);
    let v7 = exp((v6 - vec4f(v3)));
    part1 = part1 + v7;
  }
  parts_f32[lid] = (part1.x + part1.y) + (part1.z + part1.w);
  workgroupBarrier();
  if (lid < 8u) {
    var fold = parts_f32[lid * 8u];
    for (var j = 1u; j < p1; j++) { fold = fold + parts_f32[lid * 8u + j]; }
    folds_f32[lid] = fold;
  }
  workgroupBarrier();
  var total1 = folds_f32[0];
  for (var j = 1u; j < p1; j++) { total1 = total1 + folds_f32[j]; }
  let v8 = total1;
  if (lid == 0u) {
    dst0[group] = v8;
  }
  for (var x = lid; x < p0; x += 64u) {
    let c = 4u * x;
    let v9 = (group * 256u) + c;
    let v10 = src0[v9 >> 2u];
    let v11 = v10 * vec4f(5f);
    let v12 = exp((v11 - vec4f(v3)));
    let v13 = v12 / vec4f(v8);
    dst1[v9 >> 2u] = v13;
  }
}

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
    let v1 = src0[v0 >> 2u] * vec4f(5f);
    part0 = max(part0, v1);
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
  let v2 = total0;
  var part1 = vec4f(0f);
  for (var x = lid; x < p0; x += 64u) {
    let c = 4u * x;
    let v3 = (group * 256u) + c;
    let v4 = src0[v3 >> 2u] * vec4f(5f);
    let v5 = exp((v4 - vec4f(v2)));
    part1 = part1 + v5;
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
  let v6 = total1;
  if (lid == 0u) {
    dst0[group] = v6;
  }
  for (var x = lid; x < p0; x += 64u) {
    let c = 4u * x;
    let v7 = (group * 256u) + c;
    let v8 = src0[v7 >> 2u] * vec4f(5f);
    let v9 = exp((v8 - vec4f(v2)));
    let v10 = v9 / vec4f(v6);
    dst1[v7 >> 2u] = v10;
  }
}

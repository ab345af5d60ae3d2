@group(0) @binding(0) var<storage, read_write> dst0: array<f32>;
@group(0) @binding(1) var<storage, read> src0: array<f32>;
var<workgroup> parts: array<f32, 64>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  if (group >= 3u) { return; }
  let most = (1000u + 63u) / 64u;
  let first = min(lid * most, 1000u);
  let end = min(first + most, 1000u);
  var part = 0f;
  for (var c = first; c < end; c++) {
    let v0 = (group * 1000u) + c;
    let v1 = src0[v0];
    part = part + v1;
  }
  parts[lid] = part;
  workgroupBarrier();
  var run = 0f;
  for (var j = 0u; j < lid; j++) { run = run + parts[j]; }
  for (var c = first; c < end; c++) {
    let v2 = (group * 1000u) + c;
    let v3 = src0[v2];
    run = run + v3;
    let sum = run;
    dst0[v2] = sum;
  }
}

struct Params { p0: u32, p1: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<i32>;
@group(0) @binding(1) var<storage, read_write> dst1: array<i32>;
@group(0) @binding(2) var<storage, read_write> dst2: array<i32>;
@group(0) @binding(3) var<storage, read> src0: array<i32>;
@group(0) @binding(4) var<uniform> params: Params;
var<workgroup> befores: array<u32, 64>;
var<workgroup> owns: array<u32, 64>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  if (group >= 4u) { return; }
  let most = (p0 + 63u) / 64u;
  let first = min(lid * most, p0);
  let end = min(first + most, p0);
  var before = 0u;
  var own = 0u;
  for (var r = first; r < end; r++) {
    let v0 = src0[r];
    let v1 = min(u32(v0), 4u - 1u);
    before += select(0u, 1u, v1 < group);
    own += select(0u, 1u, v1 == group);
  }
  befores[lid] = before;
  owns[lid] = own;
  workgroupBarrier();
  var start = 0u;
  var place = 0u;
  for (var j = 0u; j < p1; j++) {
    start += befores[j];
    place += befores[j] + select(0u, owns[j], j < lid);
  }
  if (lid == 0u) {
    let v2 = start;
    dst2[group] = i32(v2);
  }
  for (var r = first; r < end; r++) {
    let v3 = src0[r];
    let v4 = min(u32(v3), 4u - 1u);
    let v5 = i32(r);
    if (v4 == group) {
      let at = place;
      place++;
      dst0[at] = v5;
      dst1[r] = i32(at);
    }
  }
}

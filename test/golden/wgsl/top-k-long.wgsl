struct Params { p0: u32, p1: u32, p2: u32, p3: u32, p4: u32, }
@group(0) @binding(0) var<storage, read_write> dst0: array<i32>;
@group(0) @binding(1) var<storage, read> src0: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
var<workgroup> keys: array<u32, 1024>;
var<workgroup> columns: array<u32, 1024>;
var<workgroup> parts_u32: array<u32, 256>;
var<workgroup> folds_u32: array<u32, 16>;
@compute @workgroup_size(256, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) lid: u32) {
  let p0 = params.p0;
  let p1 = params.p1;
  let p2 = params.p2;
  let p3 = params.p3;
  let p4 = params.p4;
  let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);
  if (group >= p0) { return; }
  let zeros = countLeadingZeros(p1 - 1u);
  let bits = 64u - zeros;
  var lastHigh = 0xffffffffu;
  var lastLow = 0xffffffffu;
  for (var done = 0u; done < p2; done += p3) {
    let want = min(done + p3, p2);
    var high = 0u;
    var low = ~(0xffffffffu >> zeros);
    for (var bit = 0u; bit < bits; bit++) {
      let inHigh = bit < 32u;
      let mask = 0x80000000u >> select(bit - 32u + zeros, bit, inHigh);
      let nextHigh = select(high, high | mask, inHigh);
      let nextLow = select(low | mask, low, inHigh);
      var own = 0u;
      for (var c = lid; c < p1; c += 256u) {
        let v0 = src0[(group * 600u) + c];
        let v1 = bitcast<u32>(v0);
        let v2 = select(select(v1 | 0x80000000u, ~v1, v1 > 0x80000000u), 1u, (v1 & 0x7fffffffu) > 0x7f800000u);
        own += select(0u, 1u, (v2 > nextHigh || (v2 == nextHigh && ~c >= nextLow)));
      }
      parts_u32[lid] = own;
      workgroupBarrier();
      if (lid < 16u) {
        var fold = parts_u32[lid * 16u];
        for (var j = 1u; j < p4; j++) { fold = fold + parts_u32[lid * 16u + j]; }
        folds_u32[lid] = fold;
      }
      workgroupBarrier();
      var total0 = folds_u32[0];
      for (var j = 1u; j < p4; j++) { total0 = total0 + folds_u32[j]; }
      let v3 = total0;
      high = select(high, nextHigh, v3 >= want);
      low = select(low, nextLow, v3 >= want);
    }
    var own = 0u;
    for (var c = lid; c < p1; c += 256u) {
      let v4 = src0[(group * 600u) + c];
      let v5 = bitcast<u32>(v4);
      let v6 = select(select(v5 | 0x80000000u, ~v5, v5 > 0x80000000u), 1u, (v5 & 0x7fffffffu) > 0x7f800000u);
      own += select(0u, 1u, (v6 > high || (v6 == high && ~c >= low)) && !(v6 > lastHigh || (v6 == lastHigh && ~c >= lastLow)));
    }
    parts_u32[lid] = own;
    workgroupBarrier();
    var slot = 0u;
    for (var j = 0u; j < lid; j++) { slot += parts_u32[j]; }
    for (var c = lid; c < p1; c += 256u) {
      let v7 = src0[(group * 600u) + c];
      let v8 = bitcast<u32>(v7);
      let v9 = select(select(v8 | 0x80000000u, ~v8, v8 > 0x80000000u), 1u, (v8 & 0x7fffffffu) > 0x7f800000u);
      if ((v9 > high || (v9 == high && ~c >= low)) && !(v9 > lastHigh || (v9 == lastHigh && ~c >= lastLow))) {
        keys[slot] = v9;
        columns[slot] = c;
        slot++;
      }
    }
    workgroupBarrier();
    let found = want - done;
    for (var i = lid; i < found; i += 256u) {
      let key = keys[i];
      let column = columns[i];
      var before = done;
      for (var j = 0u; j < found; j++) {
        let comesFirst = keys[j] > key || (keys[j] == key && columns[j] < column);
        before += select(0u, 1u, comesFirst);
      }
      let rank = before;
      dst0[(group * 2u) + rank] = i32(column);
    }
    lastHigh = high;
    lastLow = low;
  }
}

// A sum over a workgroup in a fixed order: bit-identical however the threads are scheduled.
override THREADS: u32 = 64; // a power of two
var<workgroup> scratch: array<vec4f, THREADS>;

// Every thread gets the total. Must be called in uniform control flow.
fn workgroup_sum(value: vec4f, thread: u32) -> vec4f {
  scratch[thread] = value;
  for (var width = THREADS / 2u; width > 0u; width /= 2u) {
    workgroupBarrier(); // wait for the upper half
    if (thread < width) { scratch[thread] += scratch[thread + width]; }
  }
  let total = workgroupUniformLoad(&scratch[0]);
  workgroupBarrier(); // wait until all have read, before scratch is written again
  return total;
}

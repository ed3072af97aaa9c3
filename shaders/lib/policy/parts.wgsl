// The parts of a discrete action: part i is a choice among the outputs [part_first(i), part_end(i)). A box has no
// parts.
//#import "shape"

fn part_first(part: u32) -> u32 {
  if (part == 0u) { return 0u; }
  return part_end(part - 1u);
}

fn part_end(part: u32) -> u32 {
  var ends = PART_END;
  return ends[part];
}

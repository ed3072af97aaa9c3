// The fault of an agent: its first non-finite value, or the first mask that allows no action. One u32 after its gates
// in `stop`; 0: none. Of two faults the larger number is the earlier one, so threads may report in any order, by
// atomicMax. The kinds are HEALTH_BUFFERS of src/metrics.ts: in the order in which a non-finite value spreads, then
// masks.
const KIND_OBS = 0u;
const KIND_LOGITS = 1u;
const KIND_ACTIONS = 2u;
const KIND_LOGPROBS = 3u;
const KIND_VALUES = 4u;
const KIND_STATES = 5u;
const KIND_REWARDS = 6u;
const KIND_FINAL_OBS = 7u;
const KIND_ADVANTAGES = 8u;
const KIND_GRADIENTS = 9u;
const KIND_PARAMETERS = 10u;
const KIND_MASKS = 11u;
const KINDS = 16u;

// Whether a fault is of an optimiser step; else it is of the rollout.
fn is_of_update(kind: u32) -> bool { return kind == KIND_GRADIENTS || kind == KIND_PARAMETERS; }

// Index of an agent's fault in `stop`: its last slot.
fn fault_slot(agent: u32, stop_stride: u32) -> u32 {
  return (agent + 1u) * stop_stride - 1u;
}

// `place` is the index of a record, [step][env], or of an update.
fn fault_of(place: u32, kind: u32) -> u32 {
  return 0xffffffffu - (place * KINDS + kind);
}

fn fault_kind(fault: u32) -> u32 {
  return (0xffffffffu - fault) % KINDS;
}

fn fault_place(fault: u32) -> u32 {
  return (0xffffffffu - fault) / KINDS;
}

// Advantages come after all other kinds. They spread backwards, so the last bad one is the first that became bad.
fn advantage_place(row: u32, rows: u32) -> u32 {
  return 2u * rows - 1u - row;
}

fn row_of_advantage(place: u32, rows: u32) -> u32 {
  return 2u * rows - 1u - place;
}

// The slot `shuffle` for replays: the minibatch order is read from a buffer, not computed.
// permutations: u32 [epoch][n], the same for every agent.
@group(0) @binding(7) var<storage, read> permutations: array<u32>;

fn shuffled_row(row: u32, n: u32, seed: u32, iteration: u32, epoch: u32, agent: u32) -> u32 {
  return permutations[epoch * n + row];
}

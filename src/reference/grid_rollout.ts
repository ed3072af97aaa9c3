export { fusedRollout as gridRollout } from './fused_rollout'

export { fusedRollout as quadRollout } from './fused_rollout'

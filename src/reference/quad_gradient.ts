export { fusedGradient as quadGradient } from './fused_gradient'

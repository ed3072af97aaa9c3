/** Files for check-env: a correct environment, and one whose reward differs from the twin's. */
import { pointMass } from '../../examples/pointmass/spec'

export const right = { ...pointMass, id: 'Right-v0' }
export const wrong = { ...pointMass, wgsl: pointMass.wgsl.replace('-0.1 - distance', '-0.1 - 1.1 * distance') }

/** Lines across a learning curve: where the task counts as solved, and what others published. */
import { expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { seedsCurve } from '../../harness/figures/curve'
import type { EnvSpec } from '../../src/env/contract'

const curve = [0, 1000, 2000].map((timesteps) => ({ timesteps, mean: timesteps / 10, q25: 0, q75: timesteps / 5 }))
const spec = cartPole as EnvSpec

test('a published return is a labelled line at its height, and the axis reaches it', () => {
  const plain = seedsCurve({ ...spec, rewardThreshold: null }, curve, 'PPO')
  const svg = seedsCurve(
    { ...spec, rewardThreshold: 300, published: { score: 1800, label: 'paper: about 1800' } },
    curve,
    'PPO',
  )
  expect(plain).not.toContain('paper')
  expect(plain).not.toContain('stroke-dasharray')
  expect(svg).toContain('>solved: 300</text>')
  expect(svg).toContain('>paper: about 1800</text>')
  // The area is 72 to 402 pixels from the top; the axis goes from 0 to 2000.
  const at = (value: number) => 402 - (330 * value) / 2000
  expect(svg).toContain(`M76 ${at(1800)}H772" stroke="#15803d"`)
  expect(svg).toContain(`M76 ${at(300)}H772" stroke="#b45309"`)
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSafetensors } from '../../src/files/safetensors'
import { type GaeInputs, gae } from '../../src/reference/gae'
import { difference, expectClose } from './close'

const file = readSafetensors(new Uint8Array(readFileSync('test/golden/gae.safetensors')), 'gae.safetensors')
const shapes = [...new Set([...file.tensors.keys()].map((name) => name.split('/')[0]))]

function load(shape: string) {
  const tensor = (name: string) => file.tensors.get(`${shape}/${name}`)!.data as Float64Array
  const [numSteps, numEnvs] = shape.split('x').map(Number)
  const [gamma, gaeLambda] = tensor('gamma_lambda')
  const inputs: GaeInputs = {
    numSteps,
    numEnvs,
    gamma,
    gaeLambda,
    bootstrapTruncated: true,
    rewards: tensor('rewards'),
    values: Float64Array.from([...tensor('values'), ...tensor('next_value')]),
    finalValues: tensor('final_values'),
    terminated: tensor('terminated'),
    truncated: tensor('truncated'),
  }
  return { inputs, advantages: tensor('advantages'), returns: tensor('returns') }
}

function run(inputs: GaeInputs) {
  const advantages = new Float64Array(inputs.numSteps * inputs.numEnvs).fill(NaN)
  const returns = advantages.slice()
  gae(inputs, advantages, returns)
  return { advantages, returns }
}

describe('gae', () => {
  it.each(shapes)('golden %s', (shape) => {
    const { inputs, advantages, returns } = load(shape)
    const result = run(inputs)
    expectClose('advantages', result.advantages, advantages)
    expectClose('returns', result.returns, returns)
  })

  it('control: ignoring truncation, or bootstrapping from the wrong value, is found', () => {
    const { inputs, advantages } = load('128x65')
    const off = { ...inputs, bootstrapTruncated: false }
    expect(difference(run(off).advantages, advantages).relative).toBeGreaterThan(1e-3)
    const merged = { ...inputs, truncated: inputs.terminated }
    expect(difference(run(merged).advantages, advantages).relative).toBeGreaterThan(1e-3)
    const bent = { ...inputs, gaeLambda: inputs.gaeLambda * (1 + 1e-8) }
    expect(difference(run(bent).advantages, advantages).relative).toBeGreaterThan(1e-9)
  })

  const tiny = (terminated: number, truncated: number, bootstrapTruncated: boolean): GaeInputs => ({
    numSteps: 1,
    numEnvs: 1,
    gamma: 0.5,
    gaeLambda: 0.9,
    bootstrapTruncated,
    rewards: new Float64Array([1]),
    values: new Float64Array([10, 100]),
    finalValues: new Float64Array([40]),
    terminated: [terminated],
    truncated: [truncated],
  })

  it.each([
    { terminated: 0, truncated: 0, bootstrap: true, advantage: 1 + 50 - 10 },
    { terminated: 0, truncated: 1, bootstrap: true, advantage: 1 + 20 - 10 },
    { terminated: 0, truncated: 1, bootstrap: false, advantage: 1 - 10 },
    { terminated: 1, truncated: 0, bootstrap: true, advantage: 1 - 10 },
    { terminated: 1, truncated: 1, bootstrap: true, advantage: 1 - 10 },
  ])('one step by hand: $terminated $truncated $bootstrap', ({ terminated, truncated, bootstrap, advantage }) => {
    const result = run(tiny(terminated, truncated, bootstrap))
    expect(result.advantages[0]).toBe(advantage)
    expect(result.returns[0]).toBe(advantage + 10)
  })

  it('never reads a final value where it has no meaning', () => {
    const inputs = tiny(1, 1, true)
    inputs.finalValues = new Float64Array([NaN])
    expect(run(inputs).advantages[0]).toBe(-9)
  })
})

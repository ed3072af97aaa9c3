import { describe, expect, test } from 'vitest'
import { suggest } from '../../src/options/suggest'

const NAMES = ['numEnvs', 'numSteps', 'numMinibatches', 'learningRate', 'gamma', 'gaeLambda', 'seed']

describe('suggest', () => {
  test.each([
    ['numEnv', 'numEnvs'],
    ['numenvs', 'numEnvs'],
    ['num_envs', 'numEnvs'],
    ['learning_rate', 'learningRate'],
    ['learningrat', 'learningRate'],
    ['lerningRate', 'learningRate'],
    ['gama', 'gamma'],
    ['sed', 'seed'],
    ['seeed', 'seed'],
    ['learn', 'learningRate'],
    ['NUMMINI', 'numMinibatches'],
  ])('%s -> %s', (word, name) => {
    expect(suggest(word, NAMES)).toBe(` (did you mean ${JSON.stringify(name)}?)`)
  })

  test.each(['', 'batchNorm', 'x', 'zz', '__proto__'])('%j is near nothing', (word) => {
    expect(suggest(word, NAMES)).toBe('')
  })

  test('no known words', () => expect(suggest('a', [])).toBe(''))
})

/** Flags of other programs, given to `train` and to commands without options. */
import { describe, expect, test } from 'vitest'
import { parseCommand } from '../../harness/cli/args'
import { commandLine } from '../../harness/cli/invocation'
import { flagOf, suggestFlag } from '../../harness/cli/meant'
import { learn } from '../../harness/commands/learn'
import { train } from '../../harness/commands/train'
import { verify } from '../../harness/commands/verify'
import { OPTION_FLAGS, optionList } from '../../harness/setup/options'
import { resolveConfig } from '../../src/config/config'
import { FLAGGED, OPTION_NAMES } from '../../src/options/options'

// CleanRL's flags, then Stable-Baselines3's and others', then typing errors.
test.each([
  [['--learning-rate', '1e-3'], '--learning-rate', '--set learningRate=1e-3'],
  [['--lr', '1e-3'], '--lr', '--set learningRate=1e-3'],
  [['--lr=1e-3'], '--lr', '--set learningRate=1e-3'],
  [['--lr'], '--lr', '--set learningRate=...'],
  [['--lr', '--json'], '--lr', '--set learningRate=...'],
  [['--learning_rate', '1e-3'], '--learning_rate', '--set learningRate=1e-3'],
  [['--learningRate', 'log(1e-4, 1e-2)'], '--learningRate', '--set learningRate=...'],
  [['--gae-lambda', '0.9'], '--gae-lambda', '--set gaeLambda=0.9'],
  [['--ent-coef', '0'], '--ent-coef', '--set entCoef=0'],
  [['--anneal-lr'], '--anneal-lr', '--set annealLr=true'],
  [['--no-anneal-lr'], '--no-anneal-lr', '--set annealLr=false'],
  [['--n-steps', '128'], '--n-steps', '--num-steps'],
  [['--n_envs', '8'], '--n_envs', '--num-envs'],
  [['--n-epochs', '8'], '--n-epochs', '--set updateEpochs=8'],
  [['--net-arch', '64,64'], '--net-arch', '--set hidden=64,64'],
  [['--num-env', '8'], '--num-env', '--num-envs'],
  [['--jsn'], '--jsn', '--json'],
  [['--lerning-rate', '0.1'], '--lerning-rate', '--set learningRate=0.1'],
])('train %j', (args, flag, better) => {
  expect(() => parseCommand(train, args)).toThrow(`${flag}: train has no such option (did you mean "${better}"?). See `)
})

test('an option that a command sets itself is not proposed', () => {
  expect(() => parseCommand(learn, ['--num-agent', '5'])).toThrow('--num-agent: learn has no such option. See ')
  expect(() => parseCommand(learn, ['--n-agents', '5'])).toThrow('--n-agents: learn has no such option. See ')
  expect(() => parseCommand(learn, ['--n-envs', '5'])).toThrow('(did you mean "--num-envs"?)')
})

test('nonsense is like nothing', () => {
  expect(() => parseCommand(train, ['--frobnicate'])).toThrow('--frobnicate: train has no such option. See ')
  expect(() => parseCommand(train, ['--no-frobnicate'])).toThrow('train has no such option. See ')
})

test('a command without --set proposes no option of a run', () => {
  expect(Object.keys(verify.flags)).not.toContain('set')
  expect(() => parseCommand(verify, ['--lr', '1'])).toThrow('--lr: verify has no such option. See ')
})

test.each([
  ['/home/me/ppo-webgpu', 'npm run train -- --seed 1'],
  ['/home/me/project/node_modules/ppo-webgpu', 'npx ppo-webgpu train --seed 1'],
  ['C:\\project\\node_modules\\ppo-webgpu', 'npx ppo-webgpu train --seed 1'],
])('in %s a command is started by %s', (root, text) => {
  expect(commandLine('train', '--seed 1', root)).toBe(text)
})

describe('what follows from the table', () => {
  test('flags', () => {
    expect(Object.keys(OPTION_FLAGS)).toEqual([...FLAGGED.map(flagOf), 'no-autotune', 'set'])
    expect(FLAGGED.map(flagOf)).toContain('num-envs')
    expect(suggestFlag('n-envs', '8', [])).toBe('')
  })

  test('the help lists every option, with default and range', () => {
    const text = optionList()
    for (const name of OPTION_NAMES) expect(text).toMatch(new RegExp(`^  ${name} {2,}.*Default: .*\\.$`, 'm'))
    expect(text).toMatch(/^ {2}gamma +Discount factor\. Default: 0\.99, of 0 to 1\.$/m)
    expect(text).toMatch(/^ {2}algorithm .*Default: "clip", of clip, penalty\.$/m)
    expect(optionList('numAgents')).not.toMatch(/^ {2}numAgents/m)
  })

  test('what is proposed is taken', () => {
    const given = parseCommand(train, ['--set', 'learningRate=1e-3'])
    expect(given.all('set')).toEqual(['learningRate=1e-3'])
    expect(() => resolveConfig({}, { learningRate: 1e-3 })).not.toThrow()
  })
})

/** The table of options: its rows are consistent, and so is everything that follows from them. */
import { describe, expect, it, test } from 'vitest'
import { type PpoConfig, PRESETS, parseOption, resolveConfig } from '../../src/config/config'
import { checkImplications, withCompanions } from '../../src/options/implications'
import { isNumberKind, type Kind, rangeText } from '../../src/options/kinds'
import { optionCalled, suggestOption } from '../../src/options/names'
import { LIVE, OPTION_NAMES, OPTIONS, type OptionName, SWEEPABLE } from '../../src/options/options'
import { describe as describeOption } from '../../src/options/row'
import { formatValue, parseValue } from '../../src/options/text'

describe.each(OPTION_NAMES.map((name) => ({ name, option: OPTIONS[name] })))('$name', ({ name, option }) => {
  it('has a help that is a sentence, and a default that is accepted', () => {
    expect(option.help).toMatch(/^[A-Za-z].*[^.]\.$/)
    expect(() => resolveConfig({}, { [name]: option.default })).not.toThrow()
  })

  it('reads what it writes', () => {
    expect(parseValue(formatValue(option.default, option), option)).toEqual(option.default)
  })

  it('has a slider and an example inside of its range', () => {
    const { slider, example } = option
    for (const value of [slider?.from, slider?.to, example]) {
      if (value === undefined) continue
      const { only } = option
      const algorithm = only && 'algorithm' in only ? only.algorithm : 'clip'
      const around = algorithm === 'penalty' ? { algorithm: 'penalty' as const, targetKl: 0.01 } : {}
      const whole = withCompanions({ [name]: value }, resolveConfig({}, around))
      expect(() => resolveConfig({}, { ...around, ...whole })).not.toThrow()
    }
    if (slider?.log) expect(slider.from).toBeGreaterThan(0)
  })

  it('is swept only as a number', () => {
    if (option.sweepable) expect(isNumberKind(option)).toBe(true)
  })

  it('needs another option, in a state that it can have', () => {
    for (const { when, needs, message } of option.implies ?? []) {
      const [[other, is], ...more] = Object.entries(needs)
      expect(more).toEqual([])
      expect(OPTION_NAMES).toContain(other)
      expect([name, other]).toContain(message.split(':')[0])
      for (const [row, state] of [
        [option, when],
        [OPTIONS[other as OptionName], is],
      ] as const) {
        if (state === 'not null') expect(row).toMatchObject({ nullable: true, example: expect.any(Number) })
        else if (row.type === 'choice') expect(row.choices).toContain(state)
        else expect([row.type, typeof state]).toEqual(['boolean', 'boolean'])
      }
    }
  })
})

test('what may change while agents train decides about no size, kernel or first weight', () => {
  const fixed = ['numEnvs', 'numSteps', 'numAgents', 'numMinibatches', 'updateEpochs', 'hidden', 'activation', 'plan']
  for (const name of [...fixed, 'seed', 'logStdInit', 'hiddenGain']) expect(LIVE).not.toContain(name)
  expect(LIVE).toContain('learningRate')
  expect(SWEEPABLE).toContain('logStdInit')
  expect(SWEEPABLE).not.toContain('numEnvs')
})

describe('companions', () => {
  const start = resolveConfig({}, {})
  const changed = (change: Partial<PpoConfig>, before = start) =>
    resolveConfig({}, { ...before, ...withCompanions(change, before) })
  const penalty = changed({ algorithm: 'penalty' })

  test('each from the start, and all of them in a row', () => {
    const changes = [
      { algorithm: 'penalty' },
      { adaptiveLr: true },
      { adaptiveLr: false },
      { desiredKl: 0.02 },
      { normAdvOver: 'batch' },
      { normAdv: false },
      { annealLr: true },
    ] as const
    let config = start
    for (const change of changes) {
      expect(changed(change)).toMatchObject(change)
      config = changed(change, config)
      expect(config).toMatchObject(change)
    }
    expect(config).toMatchObject({ adaptiveLr: false, desiredKl: null, normAdvOver: 'minibatch' })
  })

  test('what one change brings', () => {
    expect(withCompanions({ gamma: 0.9 }, start)).toEqual({ gamma: 0.9 })
    expect(withCompanions({ algorithm: 'penalty' }, start)).toEqual({ algorithm: 'penalty', targetKl: 0.01 })
    const clipped = resolveConfig({}, { annealClipCoef: true, dualClip: 3, targetKl: 0.5 })
    expect(withCompanions({ algorithm: 'penalty' }, clipped)).toEqual({
      ...{ algorithm: 'penalty', annealClipCoef: false, dualClip: null },
    })
    const adaptive = { adaptiveLr: true, annealLr: false, desiredKl: 0.02 }
    expect(withCompanions({ desiredKl: 0.02 }, start)).toEqual(adaptive)
    expect(withCompanions({ desiredKl: null }, changed(adaptive))).toEqual({ desiredKl: null, adaptiveLr: false })
    expect(withCompanions({ annealLr: true }, changed(adaptive))).toEqual({
      ...{ annealLr: true, adaptiveLr: false, desiredKl: null },
    })
  })

  test('no algorithm is left because of another option: the check says what is wrong', () => {
    expect(withCompanions({ targetKl: null }, penalty)).toEqual({ targetKl: null })
    expect(() => changed({ targetKl: null }, penalty)).toThrow('config.targetKl: penalty mode needs a target KL.')
    expect(() => changed({ dualClip: 3 }, penalty)).toThrow('config.dualClip: penalty mode does not clip.')
  })

  test('a need that is broken is an error', () => {
    expect(() => checkImplications(start)).not.toThrow()
    expect(() => checkImplications({ ...start, desiredKl: 0.01 })).toThrow('config.desiredKl: only adaptiveLr uses')
  })
})

describe('the names of other projects', () => {
  test('no two options have one name', () => {
    for (const name of OPTION_NAMES) {
      for (const word of [name, ...(OPTIONS[name].aka ?? [])]) expect(optionCalled(word), word).toBe(name)
    }
  })

  // CleanRL's ppo.py and ppo_continuous_action.py, Stable-Baselines3's PPO, rsl_rl's PPO, PureJaxRL.
  test.each<[string, OptionName]>([
    ...(['learning-rate', 'learning_rate', 'LR', 'lr'] as const).map((word): [string, OptionName] => [
      word,
      'learningRate',
    ]),
    ['total-timesteps', 'totalTimesteps'],
    ['num-envs', 'numEnvs'],
    ['num-steps', 'numSteps'],
    ['anneal-lr', 'annealLr'],
    ['gae-lambda', 'gaeLambda'],
    ['num-minibatches', 'numMinibatches'],
    ['update-epochs', 'updateEpochs'],
    ['norm-adv', 'normAdv'],
    ['clip-coef', 'clipCoef'],
    ['clip-vloss', 'clipVloss'],
    ['ent-coef', 'entCoef'],
    ['vf-coef', 'vfCoef'],
    ['max-grad-norm', 'maxGradNorm'],
    ['target-kl', 'targetKl'],
    ['n_steps', 'numSteps'],
    ['batch_size', 'numMinibatches'],
    ['n_epochs', 'updateEpochs'],
    ['clip_range', 'clipCoef'],
    ['clip_range_vf', 'vfClipCoef'],
    ['normalize_advantage', 'normAdv'],
    ['net_arch', 'hidden'],
    ['num_learning_epochs', 'updateEpochs'],
    ['num_mini_batches', 'numMinibatches'],
    ['value_loss_coef', 'vfCoef'],
    ['entropy_coef', 'entCoef'],
    ['lam', 'gaeLambda'],
    ['CLIP_EPS', 'clipCoef'],
    ['GAE_LAMBDA', 'gaeLambda'],
  ])('%s is %s', (word, name) => {
    expect(optionCalled(word)).toBe(name)
    expect(suggestOption(word)).toBe(` (did you mean "${name}"?)`)
    expect(() => parseOption(word, '1')).toThrow(`there is no option "${word}" (did you mean "${name}"?). Options: `)
  })

  test('a slip of the pen is near a name; nonsense is near none', () => {
    expect(suggestOption('lerningRate')).toBe(' (did you mean "learningRate"?)')
    expect(suggestOption('batchNorm')).toBe('')
    expect(optionCalled('')).toBeUndefined()
  })
})

test.each<[Kind, string]>([
  [{ type: 'boolean' }, 'true, false'],
  [{ type: 'choice', choices: ['a', 'b'] }, 'a, b'],
  [{ type: 'number', min: 0, max: 1, exclusiveMax: true }, '0 to below 1'],
  [{ type: 'number', min: 0, max: 1, exclusiveMin: true, nullable: true }, 'above 0 to 1, or null'],
  [{ type: 'sizes', min: 1, max: 9, maxLength: 3, nullable: true }, 'up to 3 widths, 1 to 9, or null'],
])('the range of %j', (kind, text) => {
  expect(rangeText(kind)).toBe(text)
})

test('the source of a behaviour stands behind what it is', () => {
  expect(describeOption(OPTIONS.gaeLambda)).toBe("GAE's lambda (Schulman et al. 2016).")
  expect(describeOption(OPTIONS.gamma)).toBe('Discount factor.')
})

test('presets name options only', () => {
  for (const preset of Object.values(PRESETS))
    for (const key of Object.keys(preset)) expect(OPTION_NAMES).toContain(key)
})

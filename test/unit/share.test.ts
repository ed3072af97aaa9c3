import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { cartPole } from '../../envs/cartpole/spec'
import { ENVS } from '../../envs/registry'
import { policyModel } from '../../harness/onnx/policy'
import { type CardFacts, modelCard } from '../../harness/share/card'
import { beginningOf, shownModule, trainCommand } from '../../harness/share/command'
import { checkFolder, defaultFolder, writeFolder } from '../../harness/share/folder'
import { cspOf, replayPage, translatedPicture } from '../../harness/share/page'
import { pythonSnippet } from '../../harness/share/python'
import { resolveConfig } from '../../src/config/config'
import { type EnvSpec, obsDim } from '../../src/env/contract'
import { layoutNetwork, networkShape } from '../../src/model/network'
import type { Contents } from '../../src/player/contents'
import { NO_ORIGIN } from '../../src/policy/origin'
import type { PolicyData } from '../../src/policy/policyfile'
import { RUNTIME } from '../../src/translate/runtime'
import { translate } from '../../src/translate/translate'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const HOSTILE =
  '</script><script>alert(1)</script> "\'`|: # - [x](javascript:alert(1)) & \u2028\n---\n- a: !!js <!-- \u202e'

const facts = (env: string): CardFacts => ({
  ...{ env, repo: 'someone/ppo', episodes: 100, seed: 1_000_000, meanReturn: 499.5, stdReturn: 1.234 },
  ...{ library: '0.3.0', version: '0.3.0', adapter: HOSTILE, steps: 1000, trainingSeed: 1, options: { env: HOSTILE } },
  ...{ isImported: false, settings: [HOSTILE], beginning: { policy: HOSTILE, isExtended: true } },
  ...{ command: `npm run train -- --env '${env}'`, source: 'ab12', observations: '4 numbers', actions: '2 choices' },
  snippet: pythonSnippet({ env, shape: { dist: 'categorical' } as PolicyData['shape'] }),
  files: ['policy.safetensors', 'replay.html', 'learning-curve.svg'],
})

const metadataOf = (card: string) => parse(/^---\n([\s\S]*?)\n---\n/.exec(card)![1])

describe('the model card', () => {
  test('has the fields of the Hub: huggingface/hub-docs, modelcard.md', () => {
    const data = metadataOf(modelCard(facts('CartPole-v1')))
    expect(data.library_name).toBe('ppo-webgpu')
    expect(data.tags).toEqual(
      expect.arrayContaining(['CartPole-v1', 'deep-reinforcement-learning', 'reinforcement-learning']),
    )
    const [{ name, results }, ...others] = data['model-index']
    expect([name, others]).toEqual(['someone/ppo', []])
    const [{ task, dataset, metrics }] = results
    expect(task).toEqual({ type: 'reinforcement-learning', name: 'reinforcement-learning' })
    expect(dataset).toEqual({ type: 'CartPole-v1', name: 'CartPole-v1' })
    expect(metrics).toEqual([{ type: 'mean_reward', value: '499.50 +/- 1.23', name: 'mean_reward', verified: false }])
    // Every key that the specification documents for these lists, and no other.
    const documented = {
      task: ['type', 'name'],
      dataset: ['type', 'name', 'config', 'split', 'revision', 'args'],
      metric: ['type', 'value', 'name', 'config', 'args', 'verified', 'verifyToken'],
    }
    for (const key of Object.keys(task)) expect(documented.task).toContain(key)
    for (const key of Object.keys(dataset)) expect(documented.dataset).toContain(key)
    for (const key of Object.keys(metrics[0])) expect(documented.metric).toContain(key)
  })

  test('texts from outside stay text, in YAML and in Markdown', () => {
    const card = modelCard(facts(HOSTILE))
    const data = metadataOf(card)
    expect(data.tags[0]).toBe(HOSTILE)
    expect(data['model-index'][0].results[0].dataset).toEqual({ name: HOSTILE, type: HOSTILE })
    expect(Object.keys(data)).toEqual(['library_name', 'pipeline_tag', 'tags', 'model-index'])
    const prose = card
      .slice(card.indexOf('\n---\n') + 5)
      .replace(/^(`{3,})\w+\n[\s\S]*?\n\1$/gm, '')
      .replace(/(`+)[^\n]*?[^`]\1(?!`)/g, '')
    expect(prose).not.toMatch(/<(?!\/?video)/)
    expect(prose).not.toMatch(/(?<!\\)\[x/)
    expect(card).not.toMatch(/\u202e|\u2028/)
  })

  test('the command trains with the same options', () => {
    const config = resolveConfig(cartPole.preset, { gamma: 0.9, hidden: [32, 16], seed: 7 }, cartPole as EnvSpec)
    const policy = { env: 'CartPole-v1', origin: { ...NO_ORIGIN, seed: 7, config } } as PolicyData
    expect(trainCommand(policy, cartPole as unknown as EnvSpec, null)).toBe(
      'npm run train -- --env CartPole-v1 --seed 7 --set gamma=0.9 --set hidden=32,16',
    )
    const reference = { ...policy, origin: { ...policy.origin, adapter: 'CPU reference, Node v20.20.2' } } as PolicyData
    expect(trainCommand(reference, cartPole as unknown as EnvSpec, null)).toMatch(/ --reference$/)
    const drawn = { ...config, envParams: { ...config.envParams, gravity: { uniform: [5, 15] }, length: 1 } }
    const other = { ...policy, origin: { ...policy.origin, config: drawn } } as unknown as PolicyData
    expect(trainCommand(other, cartPole as unknown as EnvSpec, null, 'first one.safetensors')).toBe(
      "npm run train -- --env CartPole-v1 --seed 7 --policy './first one.safetensors' --set gamma=0.9 --set hidden=32,16 " +
        "--env-set 'gravity=uniform(5,15)' --env-set length=1",
    )
    expect(trainCommand({ ...policy, origin: null }, cartPole as unknown as EnvSpec, null)).toBeNull()
    const own = trainCommand(policy, cartPole as unknown as EnvSpec, "it's mine.ts")
    expect(own).toContain(`--env 'it'\\''s mine.ts'`)
  })
})

test('a policy of another program is not called one of PPO, and a run that went on is said', () => {
  const one = { ...facts('CartPole-v1'), adapter: 'Stable-Baselines3 2.9.2', repo: null }
  const imported = modelCard({ ...one, library: null, isImported: true, command: null })
  expect(imported).toContain('# An agent for CartPole-v1\n\nTrained with Stable-Baselines3 2.9.2, and imported into')
  expect(imported).toContain('| trained by | Stable-Baselines3 2.9.2 |')
  expect(metadataOf(imported).tags).not.toContain('ppo')
  const card = (beginning: object) => {
    mkdirSync(join(folder, 'begun'), { recursive: true })
    writeFileSync(join(folder, 'begun', 'facts.json'), JSON.stringify(beginning))
    return modelCard({ ...one, settings: ['gravity=4'], beginning: beginningOf(join(folder, 'begun')) })
  }
  expect(card({})).toContain('\nThe same version and adapter give the same weights:')
  expect(card({})).toContain('| parameters in training | `gravity=4` |')
  const begun = card({ policy: { from: '/home/me/first.safetensors' } })
  expect(begun).toContain('The run began with the weights of another policy, `first.safetensors`. The same version')
  expect(card({ resumed: [{ command: 'train --resume a --total-timesteps 9' }] })).toContain('may give other weights')
  expect(card({ resumed: [{ command: 'train --resume a' }] })).toContain('give the same weights')
})

describe("the card's Python", () => {
  const ALL = ENVS.map((spec) => [spec.id, spec as unknown as EnvSpec] as const)

  test.each(ALL)('%s: names what the ONNX model has, and only environments that there are', (id, spec) => {
    const { observation } = spec
    const frames = observation && observation.storage !== 'f32' ? 2 : 1
    const config = resolveConfig(spec.preset, { frameStack: frames }, spec)
    const shape = networkShape(spec, config)
    const policy = { env: id, shape, params: new Float32Array(layoutNetwork(shape).paramStride) }
    const { inputs, outputs } = policyModel(
      { ...policy, normaliser: null, actionScale: null, origin: null } as unknown as PolicyData,
      spec,
      '1',
    )
    const { code, note, packages } = pythonSnippet(policy, { frames })
    const given = /policy\.run\(\["(\w+)"\], \{(.*)\}\)\[0\]\[0\]$/m.exec(code)!
    expect(outputs.map(({ name }) => name)).toContain(given[1])
    expect([...given[2].matchAll(/"(\w+)": np\.float32/g)].map(([, name]) => name)).toEqual(
      inputs.map(({ name }) => name),
    )
    // One row, of all frames: reshape(1, -1) of what the environment gives.
    expect(inputs[0]).toEqual({ name: 'obs', type: 'float', shape: ['batch', frames * obsDim(spec)] })
    expect(given[2]).toContain(frames > 1 ? 'np.concatenate(obs, axis=-1)' : 'np.float32(obs)')
    expect(code.includes(`FrameStackObservation(gym.make("${id}"), 2)`)).toBe(frames > 1)
    // A choice is one number for each row, a vector a row of numbers.
    const action = outputs.find(({ name }) => name === 'action')!
    expect(action.shape.length).toBe(spec.actionSpace.kind === 'discrete' ? 1 : 2)
    expect(code).toContain(spec.actionSpace.kind === 'discrete' ? 'env.step(int(action))' : 'env.step(action)')
    expect(note === null).toBe(id !== 'BrickBreaker-v0')
    expect(packages.includes('minatar') && code.includes('register_envs()')).toBe(id.startsWith('MinAtar/'))
  })

  test("a user's own environment is not called one of Gymnasium, and a mask is given", () => {
    const shape = { dist: 'categorical', masked: true } as PolicyData['shape']
    const { code, note } = pythonSnippet({ env: 'CartPole-v1', shape }, { isOwn: true })
    expect(note).toContain('your own version')
    expect(code).toContain('"mask": np.float32(info["action_mask"])')
  })

  test('a module is named without its folders', () => {
    expect(shownModule('/home/me/secret/spec.ts')).toBe('./spec.ts')
    expect(shownModule('../a/spec.ts:mine')).toBe('./spec.ts:mine')
  })
})

describe('the page', () => {
  const contents: Contents = {
    ...{ env: HOSTILE, policy: '', seed: 0, settings: {}, facts: [HOSTILE], parts: null, gpu: null },
  }
  const page = replayPage(
    contents,
    { player: `const a = "${HOSTILE.replace(/["\n]/g, '')}"`, envs: 'let b = "<!--"' },
    null,
  )

  test('nothing in it ends an element too early, and its policy has the hash of each script', () => {
    expect(page.match(/<script/g)).toHaveLength(5) // one of them in a string
    expect(page.match(/<\/script>/g)).toHaveLength(4)
    expect(page).not.toContain('<!--')
    expect(cspOf(page)).toMatch(
      /^default-src 'none'; script-src( 'sha256-[\w+/]+=*'){3}; style-src 'sha256-[\w+/]+=*'; base-uri 'none'; form-action 'none'$/,
    )
    const data = /<script type="application\/json" id="contents">([\s\S]*?)<\/script>/.exec(page)![1]
    expect(JSON.parse(data)).toEqual(contents)
  })
})

describe('the folder', () => {
  test('is never overwritten unasked, and never the one of the policy', () => {
    const [run, out] = [join(folder, 'run'), join(folder, 'run-shared')]
    expect(defaultFolder(run)).toBe(out)
    expect(defaultFolder(join(folder, 'run.safetensors'))).toBe(out)
    mkdirSync(run)
    checkFolder(out, run, false)
    writeFolder(
      out,
      new Map([
        ['README.md', 'first'],
        ['replay.webm', 'film'],
      ]),
    )
    writeFileSync(join(out, 'mine.txt'), 'mine')
    expect(() => checkFolder(out, run, false)).toThrow('has files already')
    checkFolder(out, run, true)
    writeFolder(out, new Map([['README.md', 'second']]))
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toBe('second')
    expect(readFileSync(join(out, 'mine.txt'), 'utf8')).toBe('mine')
    expect(existsSync(join(out, 'replay.webm'))).toBe(false)
    expect(() => checkFolder(run, run, true)).toThrow('the folder of the policy itself')
    symlinkSync(run, join(folder, 'link'))
    expect(() => checkFolder(join(folder, 'link'), run, true)).toThrow('the folder of the policy itself')
    expect(() => checkFolder(join(out, 'mine.txt'), run, true)).toThrow('is not a folder')
  })
})

describe('WGSL as JavaScript', () => {
  const run = (source: string, ...given: unknown[]) =>
    new Function(`return ${translate(source, ['f'])}`)()(RUNTIME).f(...given)

  test('whole numbers wrap, and divide, as in WGSL', () => {
    const source = `fn f(a: u32, b: i32) -> array<u32, 6> {
      return array<u32, 6>(a * 3u, a - 5u, a >> 31u, ~a, u32(b / 2), u32(-7 % 3));
    }`
    expect(run(source, 0xfffffff0, -7)).toEqual([0xffffffd0, 0xffffffeb, 1, 15, 0xfffffffd, 0xffffffff])
  })

  test('values are copied, pointers are not, and inner names hide outer ones', () => {
    const source = `struct S { v: vec2f, n: array<i32, 2> }
    fn change(s: ptr<function, S>) { (*s).v.x += 1.0; (*s).n[1]--; }
    fn f() -> array<f32, 6> {
      var s = S(vec2f(1.0, 2.0), array<i32, 2>(3, 4));
      var t = s;
      change(&s);
      let x = 1.0;
      var sum = 0.0;
      for (var i = 0u; i < 4u; i++) {
        if (i == 2u) { continue; }
        let x = x + f32(i);
        sum += x;
      }
      return array<f32, 6>(s.v.x, t.v.x, f32(s.n[1]), f32(t.n[1]), sum, x);
    }`
    expect(run(source)).toEqual([2, 1, 3, 4, 7, 1])
  })

  test('vectors, swizzles, select, switch, loops', () => {
    const source = `const N = 3;
    fn pick(i: u32) -> vec3f { switch i { case 0u, 2u: { return vec3f(1, 2, 3); } default: { return vec3f(); } } }
    fn f() -> vec4f {
      var v = vec4f(pick(2u).zyx, 4.0) * 2.0 - vec4f(1.0);
      v.y = select(10.0, 20.0, any(v.xy > vec2f(4.0)));
      var i = 0;
      while (true) { i++; if (i >= N) { break; } }
      v.w = f32(i) + dot(v.xz, vec2f(0, 1)) + round(2.5);
      return clamp(v, vec4f(0), vec4f(15));
    }`
    expect(run(source)).toEqual([5, 15, 1, 6])
  })

  test('what is not translated is told with its place', () => {
    const matrix = 'fn f() -> f32 {\n  let m = mat2x2f(1, 0, 0, 1);\n  return m[0][0];\n}'
    expect(() => translate(matrix, ['f'])).toThrow('mat2x2f is not translated to JavaScript')
    const own = {
      ...cartPole,
      id: 'Own',
      modules: {},
      wgslFile: 'own.wgsl',
      wgsl: `struct EnvState { x: f32 }\n${matrix}
      const NUM_SHAPES = 1u;\nstruct Shape { centre: vec2f }\nfn env_shape(s: EnvState, i: u32) -> Shape { return Shape(vec2f(f())); }`,
    }
    expect(translatedPicture(own as unknown as EnvSpec)).toMatchObject({
      script: null,
      problem: expect.stringMatching(/^own\.wgsl:3: /),
    })
  })
})

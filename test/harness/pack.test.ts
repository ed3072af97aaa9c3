/** The package as its users get it: packed, installed in an empty project, imported in Node, TypeScript and Chrome. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChrome } from '../../harness/chrome/launch'
import { servePage } from '../../harness/chrome/server'
import { installInto, packInto } from '../support/packed'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-pack-'))
const project = join(folder, 'project')
const installed = join(project, 'node_modules', 'ppo-webgpu')

const node = (...args: string[]) =>
  spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env.PATH },
  })

beforeAll(() => installInto(project, packInto(folder)), 240_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Paths of all files below `folder`, relative to it. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))

describe('the tarball', () => {
  test('holds the library, its types, the program and its page, and no sources', () => {
    const files = filesOf(installed)
    for (const name of [
      'package.json',
      'LICENSE',
      'NOTICE.md',
      'CHANGELOG.md',
      'dist/index.js',
      'dist/policy.js',
      'dist/worker.js',
      'dist/types/src/index.d.ts',
      'dist/types/src/policy.d.ts',
      'dist/cli.js',
      'dist/host.js',
      'dist/page/index.html',
      'dist/page/page.js',
    ]) {
      expect(files).toContain(name)
    }
    for (const name of files) expect(name).toMatch(/^(dist\/|docs\/|package\.json$|LICENSE$|[A-Z]+\.md$)/)
    expect(files.filter((name) => /\.(ts|wgsl|map)$/.test(name) && !name.endsWith('.d.ts'))).toEqual([])
  })

  test('stays small: large pictures and the built documents are left out', () => {
    const sizes = filesOf(installed).map((name) => [name, statSync(join(installed, name)).size] as const)
    expect(sizes.filter(([name]) => /\.(webp|png)$|^dist\/docs/.test(name))).toEqual([])
    const tarball = readdirSync(folder).find((name) => name.startsWith('ppo-webgpu-'))!
    // 2.6 and 9.3 MB: the lab alone is 3.3 MB, the program of the commands 2.4, 0.5 of it for NATS. The frame that runs
    // dropped files has a script of its own, 1.2 MB; so has a tab as a worker of sweeps, 0.9 MB: all that trains, and NATS.
    expect(statSync(join(folder, tarball)).size).toBeLessThan(2_750_000)
    expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(9_600_000)
  })

  test('brings nothing else into the project but the types of WebGPU', () => {
    const there = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(there).toEqual(['@webgpu', 'ppo-webgpu'])
    expect(readdirSync(join(project, 'node_modules/@webgpu'))).toEqual(['types'])
  })

  test('the library is plain modules: WGSL inlined without comments, no other imports, nothing of the build tool', () => {
    const own = ['index.js', 'policy.js', 'worker.js', 'training.js', 'inference.js']
    for (const name of own) {
      const code = readFileSync(join(installed, 'dist', name), 'utf8')
      const from = [...code.matchAll(/^(?:import|export)\b.* from "([^"]*)"/gm)].map(([, path]) => path)
      expect(from.filter((path) => !own.some((name) => path === `./${name}`))).toEqual([])
      expect(code).not.toMatch(/\?raw|__vite|\bimport\(|\brequire\(|\bprocess\.|\bdocument\b/)
      // Bundlers find the Worker by this, letter by letter.
      expect(code.match(/import\.meta/g) ?? []).toHaveLength(name === 'index.js' ? 1 : 0)
      if (name === 'index.js')
        expect(code).toMatch(/new Worker\(new URL\((['"])\.\/worker\.js\1, import\.meta\.url\), \{/)
      expect(code.includes('fn env_step(')).toBe(name === 'training.js')
    }
    expect(readFileSync(join(installed, 'dist/training.js'), 'utf8')).not.toContain('// threads')
    const types = filesOf(join(installed, 'dist')).filter((name) => name.endsWith('.d.ts'))
    for (const name of types.filter((name) => name !== 'types/typescript5.d.ts')) {
      expect(readFileSync(join(installed, 'dist', name), 'utf8'), name).not.toMatch(
        /\?raw|vite\/client|reference types/,
      )
    }
  })
})

describe('in Node', () => {
  test('importing it leaves no trace and needs neither DOM, Worker nor navigator', () => {
    const script = `
      for (const name of ['navigator', 'Worker', 'document', 'window']) delete globalThis[name]
      const before = Object.getOwnPropertyNames(globalThis).join()
      const lib = await import('ppo-webgpu')
      if (Object.getOwnPropertyNames(globalThis).join() !== before) throw new Error('globals changed')
      console.log(JSON.stringify(Object.keys(lib)))`
    const { status, stdout, stderr } = node('--input-type=module', '-e', script)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining([
        'createPpo',
        'createPpoWorker',
        'cartPole',
        'ENVS',
        'findEnv',
        'loadPolicy',
        'resolveConfig',
        'readSafetensors',
      ]),
    )
  })

  test('what needs no GPU works, and what needs one says so', () => {
    const script = `
      import { cartPole, createPpo, layoutNetwork, loadPolicy, policyFile, resolveConfig } from 'ppo-webgpu'
      const shape = { obsDim: 4, actionDim: 2, actorHidden: [8], criticHidden: [8], activation: 'tanh', dist: 'categorical' }
      const policy = loadPolicy(policyFile(cartPole, shape, new Float32Array(layoutNetwork(shape).paramStride)))
      const message = (promise) => promise.then(() => 'no error', (error) => error.name + ': ' + error.message)
      console.log(JSON.stringify({
        act: policy.act([0, 0, 0, 0]),
        numEnvs: resolveConfig(cartPole.preset, {}).numEnvs,
        option: await message(createPpo({ env: cartPole, numEnvs: -1 })),
        gpu: await message(createPpo({ env: cartPole })),
      }))`
    const { status, stdout, stderr } = node('--input-type=module', '-e', script)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      act: [0],
      numEnvs: 32,
      option: 'ConfigError: config.numEnvs: -1 is out of range. Use a whole number from 1 to 1048576.',
      gpu: expect.stringMatching(/^GpuError: .*WebGPU/),
    })
  })
})

describe('in TypeScript', () => {
  const user = `
    import { compilePlanar, planarEnv, type PlanarTask, type RobotDescription } from 'ppo-webgpu'
    import { cartPole, createPpo, type EnvSpec, loadPolicy, type Policy, type PpoOptions, resolveConfig } from 'ppo-webgpu'
    const options: PpoOptions = { numEnvs: 1024, hidden: [64, 64] }
    const ppo = await createPpo({ env: cartPole, seed: 1, ...options })
    for await (const m of ppo.train({ totalTimesteps: 500_000 })) {
      const timesteps: number = m.timesteps
      const episodicReturn: number | null = m.episodicReturn
      console.log(timesteps, episodicReturn, m.sps)
    }
    const policy: Policy = await ppo.policy()
    const action: number[] = policy.act([0, 0, 0, 0])
    const env: EnvSpec = cartPole
    const device: GPUDevice = ppo.gpu.device
    const robot = (description: RobotDescription, task: Omit<PlanarTask, 'model'>) =>
      createPpo({
        env: planarEnv({ ...task, model: compilePlanar(description) }, { wgsl: '', wgslFile: 'robot.wgsl', preset: {} }),
      })
    // @ts-expect-error numEnvs is a number
    await createPpo({ env: cartPole, numEnvs: '1024' })
    // @ts-expect-error there is no such option
    resolveConfig({}, { numEnv: 1 })
    console.log(robot, action, env, device, loadPolicy(new Uint8Array(8)))`

  const compile = (version: string, code: string, moduleResolution: string) => {
    writeFileSync(join(project, 'user.ts'), code)
    const tsconfig = {
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        target: 'ES2022',
        module: moduleResolution === 'bundler' ? 'ESNext' : 'NodeNext',
        moduleResolution,
        lib: ['ES2023', 'DOM'],
        types: [],
      },
      files: ['user.ts'],
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig))
    const { stdout, stderr, status } = node(join(root, 'node_modules', version, 'bin/tsc'), '-p', project)
    return { output: stdout + stderr, status }
  }

  // 5.9 has no WebGPU of its own, later versions do.
  test.each([
    ['typescript', 'bundler'],
    ['typescript', 'nodenext'],
    ['typescript-7', 'bundler'],
    ['typescript-7', 'nodenext'],
  ])('%s takes it under strict, library checks included, moduleResolution %s', (version, moduleResolution) => {
    expect(compile(version, user, moduleResolution)).toEqual({ output: '', status: 0 })
  })

  test.each(['typescript', 'typescript-7'])('control: %s finds a wrong type', (version) => {
    const { output, status } = compile(version, user.replace(': GPUDevice', ': GPUBuffer'), 'bundler')
    expect(output).toMatch(/user\.ts\(\d+,\d+\): error TS\d+: .*'GPUDevice'.*'GPUBuffer'/)
    expect(status).not.toBe(0)
  })
})

describe('the program', () => {
  const bin = join(project, 'node_modules', '.bin', 'ppo-webgpu')
  const run = (...args: string[]) => {
    expect(existsSync(bin)).toBe(true)
    return spawnSync(bin, args, { cwd: project, encoding: 'utf8', timeout: 60_000 })
  }

  test('--help and --version', () => {
    const help = run('--help')
    expect(help).toMatchObject({ status: 0, stderr: '' })
    expect(help.stdout).toMatch(/Usage:[\s\S]*\btrain\b[\s\S]*\beval\b/)
    // The commands in its messages must work without a checkout.
    expect(help.stdout).toContain('Usage: npx ppo-webgpu <command> [options]')
    expect(run('train', '--lr', '1').stderr).toContain('See `npx ppo-webgpu train --help`.')
    expect(help.stdout + run('train', '--help').stdout).not.toMatch(/npm run \S+ --/)
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${version}\n` })
  })

  test('without puppeteer-core it says what to install', () => {
    const { status, stderr } = run('train', '--env', 'CartPole-v1')
    expect(stderr).toContain('Run `npm install puppeteer-core`.')
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(status).toBe(3)
  })

  test('without webgpu, --runtime node says what to install', () => {
    const { status, stderr } = run('train', '--runtime', 'node')
    expect(stderr).toContain('Run `npm install webgpu`.')
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(status).toBe(3)
  })
})

describe('in Chrome', () => {
  const user = `
    import { cartPole, createPpo, loadPolicy } from './index.js'
    const sizes = { numEnvs: 4, numSteps: 16, numMinibatches: 2, updateEpochs: 1, totalTimesteps: 128, hidden: [8] }
    async function train() {
      const ppo = await createPpo({ env: cartPole, seed: 1, ...sizes })
      const timesteps = []
      for await (const { rows } of ppo.train()) for (const [row] of rows) timesteps.push(row.timesteps)
      const policy = await ppo.policy()
      const again = loadPolicy(await ppo.policyFile())
      ppo.dispose()
      const obs = [0.1, 0.2, -0.1, 0.3]
      return { timesteps, outputs: policy.outputs(obs), again: again.outputs(obs), act: policy.act(obs) }
    }
    globalThis.result = train()`

  test('it is imported as a plain module and trains', async () => {
    const script = (body: string | Buffer) => ({ body: Buffer.from(body), type: 'text/javascript; charset=utf-8' })
    const html = '<!doctype html><title>user</title><script type="module" src="user.js"></script>'
    const files = new Map([
      ['/', { body: Buffer.from(html), type: 'text/html; charset=utf-8' }],
      ['/user.js', script(user)],
      ...['index.js', 'inference.js', 'training.js'].map((name): [string, ReturnType<typeof script>] => [
        `/${name}`,
        script(readFileSync(join(installed, 'dist', name))),
      ]),
    ])
    const [chrome, server] = await Promise.all([launchChrome(), servePage(files)])
    try {
      const page = await chrome.browser.newPage()
      await page.goto(server.url)
      await page.waitForFunction('globalThis.result', { timeout: 30_000 })
      const result = (await page.evaluate('globalThis.result')) as {
        timesteps: number[]
        outputs: number[]
        again: number[]
        act: number[]
      }
      expect(result.timesteps).toEqual([64, 128])
      expect(result.outputs).toEqual(result.again)
      expect(result.act).toEqual([result.outputs[1] > result.outputs[0] ? 1 : 0])
      expect(result.outputs.every((x) => Number.isFinite(x) && x !== 0)).toBe(true)
    } finally {
      await Promise.all([chrome.close(), server.close()])
    }
  })
})

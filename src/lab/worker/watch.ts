/**
 * Environments besides those of training, in which the current policy acts in real time; their states can be set by
 * hand. They are a separate run that shares the weights of the training run, so they change nothing in training.
 */

import { derivedSizes } from '../../config/config'
import { stateWords } from '../../envcheck/state'
import { type Dispatch, encode } from '../../gpu/dispatch'
import { patiently } from '../../gpu/patience'
import { reflectStruct } from '../../gpu/reflect'
import { actionScale, scaled } from '../../model/actions'
import { type Choice, probabilities } from '../../model/distributions/categorical/softmax'
import { distributionOf } from '../../model/distributions/table'
import { criticDim, networkShape } from '../../model/network'
import { isNormalising, normaliserLayout, normaliserStride } from '../../model/normaliser'
import { reset } from '../../plan/iteration'
import * as layered from '../../plan/layered'
import { beginRollout, seenAt } from '../../plan/observing'
import { readMask, recordLayout } from '../../plan/transition'
import { createRun } from '../../run/createrun'
import { bindAll, destroyRun, type Run } from '../../run/run'
import type { FocusFacts } from '../protocol'
import { mapDispatches, mapInputs } from './maplayers'
import type { Person } from './person'

/** Steps after which the host moves the counter of the random numbers. */
const STEPS = 16
/** Makes the random numbers differ from those of training. */
const SEED_OFFSET = 0x5eed

export class Watch {
  private readonly first: Dispatch[]
  private readonly begin: Dispatch[]
  private readonly end: Dispatch[]
  private readonly stepLists: Dispatch[][]
  /** Of the layers whose outputs are maps, for one observation of each agent. */
  private readonly maps: Dispatch[]
  started = false
  /** Steps of each environment so far. */
  steps = 0
  private step = 0
  /** The slot of the observations after the latest step. */
  private observed = 0
  private iteration = 0
  private readonly staging: GPUBuffer
  /** The action of a person, as a record holds it. */
  private readonly chosen: GPUBuffer
  private reading = false

  private constructor(
    readonly run: Run,
    private readonly training: Run,
  ) {
    this.begin = bindAll(run, beginRollout(run))
    this.stepLists = Array.from({ length: STEPS }, (_, step) => bindAll(run, layered.rolloutStep(run, step)))
    this.end = bindAll(run, layered.endRollout(run))
    this.first = bindAll(run, reset(run))
    this.maps = bindAll(run, mapDispatches(run))
    run.arena.upload()
    this.staging = run.gpu.device.createBuffer({
      label: 'focus.staging',
      size: this.recordBytes + this.stateBytes + this.episodeBytes,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    })
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
    this.chosen = run.gpu.device.createBuffer({ label: 'chosen', size: 4, usage })
  }

  /** `envs` environments for each agent of `training`. */
  static async create(training: Run, envs: number): Promise<Watch> {
    const { config, spec, gpu } = training
    const own = { numEnvs: envs, numSteps: STEPS, numMinibatches: STEPS, updateEpochs: 1, plan: 'layered' as const }
    const { seed: _, ...sweep } = config.sweep
    const seed = (config.seed + SEED_OFFSET) % (2 ** 32 - config.numAgents)
    const watched = {
      ...config,
      ...own,
      sweep,
      seed,
      bootstrapTruncated: false,
      normAdv: false,
      staggerEpisodes: false,
    }
    watched.totalTimesteps = derivedSizes(watched).batchSize
    const run = await createRun(gpu, { spec, shape: networkShape(spec!, config), config: watched })
    run.buffers.parameters.destroy()
    run.buffers.parameters = training.buffers.parameters
    return new Watch(run, training)
  }

  get envs(): number {
    return this.run.sizes.numEnvs * this.run.sizes.numAgents
  }

  /** Submits `count` steps of all environments; in one of them a person may act. */
  advance(count: number, played: { index: number; person: Person } | null = null): void {
    const { device } = this.run.gpu
    for (let left = count; left > 0; ) {
      const begin = [...(this.started ? [] : this.first), ...(this.step === 0 ? this.begin : [])]
      this.started = true
      // A person's action is written between two submits.
      const until = Math.min(STEPS, this.step + (played ? 1 : left))
      left -= until - this.step
      const list: Dispatch[] = [
        ...begin,
        ...this.stepLists.slice(this.step, until).flat(),
        ...(until === STEPS ? this.end : []),
      ]
      const encoder = device.createCommandEncoder({ label: 'watch' })
      this.copyStatistics(encoder)
      // The person's action takes the place of the policy's, which has been drawn before the environments' step.
      const drawn = played ? list.findIndex(({ kernel }) => kernel.stem === 'step_envs') : list.length
      for (const dispatches of [list.slice(0, drawn), list.slice(drawn)]) {
        if (dispatches.length === 0) continue
        const pass = encoder.beginComputePass({ label: 'watch' })
        encode(pass, this.run.arena, dispatches)
        pass.end()
        if (played && dispatches.length === drawn) this.putAction(encoder, played)
      }
      this.steps += until - this.step
      this.step = until
      this.observed = until
      device.queue.submit([encoder.finish()])
      if (this.step === STEPS) this.nextRound()
    }
  }

  /** Encodes the maps of the observation that environment `index` has after its latest step: in row 0 of its agent. */
  encodeMaps(encoder: GPUCommandEncoder, index: number): void {
    const { run } = this
    const { numEnvs } = run.sizes
    const agent = Math.floor(index / numEnvs)
    const { inputs, input, agentStride, rowStride } = seenAt(run, this.observed)
    const from = input + agent * agentStride + (index % numEnvs) * rowStride
    const to = mapInputs(run)
    const at = 4 * (to.input + agent * to.agentStride)
    encoder.copyBufferToBuffer(run.buffers[inputs], 4 * from, run.buffers[to.inputs], at, 4 * to.words)
    const pass = encoder.beginComputePass({ label: 'feature maps' })
    encode(pass, run.arena, this.maps)
    pass.end()
  }

  private putAction(encoder: GPUCommandEncoder, { index, person }: { index: number; person: Person }): void {
    const at = this.recordAt(index, this.step) + 4 * recordLayout(this.run.layout.shape).action
    this.run.gpu.device.queue.writeBuffer(this.chosen, 0, Float32Array.of(person.next()))
    encoder.copyBufferToBuffer(this.chosen, 0, this.run.buffers.transitions, at, 4)
  }

  /** The current statistics that normalise observations; the moments after them are not needed here. */
  private copyStatistics(encoder: GPUCommandEncoder): void {
    const { config, layout, sizes, buffers } = this.run
    if (!isNormalising(config)) return
    const seenDim = criticDim(layout.shape)
    const bytes = 4 * normaliserLayout(seenDim).agentFloats
    const strides = [this.training.sizes.numEnvs, sizes.numEnvs].map((envs) => 4 * normaliserStride(seenDim, envs))
    for (let agent = 0; agent < sizes.numAgents; agent++) {
      const [from, to] = strides.map((stride) => agent * stride)
      encoder.copyBufferToBuffer(this.training.buffers.normaliser, from, buffers.normaliser, to, bytes)
    }
  }

  /** New random numbers, and room for another STEPS steps. */
  private nextRound(): void {
    this.step = 0
    this.iteration++
    const { device } = this.run.gpu
    const layout = reflectStruct(this.run.kernels.control.code, 'Progress')
    const offset = layout.fields.find(({ name }) => name === 'iteration')!.offset
    for (let agent = 0; agent < this.run.sizes.numAgents; agent++) {
      const at = agent * layout.size + offset
      device.queue.writeBuffer(this.run.buffers.progress, at, Uint32Array.of(this.iteration))
    }
  }

  /** Where the record of a step of environment `index`, [agent][env], begins: in bytes. */
  private recordAt(index: number, step: number): number {
    const { numEnvs } = this.run.sizes
    const agent = Math.floor(index / numEnvs)
    return ((agent * (STEPS + 1) + step) * numEnvs + (index % numEnvs)) * this.recordBytes
  }

  private get recordBytes(): number {
    return 4 * recordLayout(this.run.layout.shape).stride
  }
  private struct(name: 'EnvState' | 'Episode') {
    return reflectStruct(this.run.kernels.step_envs.code, name)
  }
  private get stateBytes(): number {
    return this.struct('EnvState').size
  }
  /** The floats of the state, including those in arrays and structs: `legs[1].angle`. */
  private floats() {
    return stateWords(this.run.kernels.step_envs.code).filter(({ kind }) => kind === 'f32')
  }
  private get episodeBytes(): number {
    return this.struct('Episode').size
  }

  /** Sets a float of the state of environment `index`, [agent][env]; the policy sees it in its next step. */
  poke(index: number, field: string, value: number): void {
    const known = this.floats().find(({ name }) => name === field)
    if (!known || !Number.isFinite(value)) return
    if (!this.started) this.advance(1)
    if (this.step > 0) this.nextRound() // a round starts by observing the states
    const at = index * this.stateBytes + 4 * known.offset
    this.run.gpu.device.queue.writeBuffer(this.run.buffers.env_states, at, Float32Array.of(value))
  }

  /** The latest observation and action of environment `index`; undefined while another read is pending. */
  async focus(index: number): Promise<FocusFacts | undefined> {
    if (this.reading || !this.started) return undefined
    this.reading = true
    try {
      return await this.readFocus(index)
    } finally {
      this.reading = false
    }
  }

  private async readFocus(index: number): Promise<FocusFacts> {
    const { run, recordBytes, stateBytes, episodeBytes } = this
    const { numEnvs } = run.sizes
    const agent = Math.floor(index / numEnvs)
    const env = index % numEnvs
    const record = this.recordAt(index, (this.step + STEPS - 1) % STEPS)
    const encoder = run.gpu.device.createCommandEncoder({ label: 'focus' })
    const copy = (from: GPUBuffer, at: number, to: number, bytes: number) =>
      encoder.copyBufferToBuffer(from, at, this.staging, to, bytes)
    copy(run.buffers.transitions, record, 0, recordBytes)
    copy(run.buffers.env_states, index * stateBytes, recordBytes, stateBytes)
    copy(run.buffers.episodes, index * episodeBytes, recordBytes + stateBytes, episodeBytes)
    run.gpu.device.queue.submit([encoder.finish()])
    await patiently(run.gpu.device, 'focus', this.staging.mapAsync(GPUMapMode.READ))
    const floats = new Float32Array(this.staging.getMappedRange().slice(0))
    this.staging.unmap()
    return this.factsOf(floats, agent, env)
  }

  private factsOf(floats: Float32Array, agent: number, env: number): FocusFacts {
    const { shape } = this.run.layout
    const r = recordLayout(shape)
    const numbers = (at: number, count: number) => Array.from(floats.subarray(at, at + count))
    const outputs = numbers(r.oldOut, shape.actionDim)
    const stateAt = this.recordBytes / 4
    const episodeAt = stateAt + this.stateBytes / 4
    const inEpisode = (name: string) =>
      episodeAt + this.struct('Episode').fields.find((field) => field.name === name)!.offset / 4
    const distribution = distributionOf(shape)
    const discrete = distribution.parts.length > 0
    const scale = actionScale(this.training.spec!, this.training.config)
    const inUnits = (actions: number[]) => (scale ? actions.map((a, i) => scaled(a, i, scale)) : actions)
    const stds = () => numbers(r.oldOwn, shape.actionDim).map(Math.exp)
    const widths = (std: number[]) => (scale ? std.map((s, i) => (s * (scale.high[i] - scale.low[i])) / 2) : std)
    const action = numbers(r.action, r.actionCount)
    return {
      agent,
      env,
      // A grid has too many entries for a table.
      obs: numbers(r.obs, this.training.spec!.observations?.length ?? 0),
      policy: discrete ? this.choices(floats).flatMap(probabilities) : inUnits(outputs),
      taken: discrete ? action.map((index, part) => sum(distribution.parts.slice(0, part)) + index) : [],
      std: discrete ? null : widths(stds()),
      action: discrete ? action : inUnits(action),
      value: floats[r.value],
      episodicReturn: numbers(inEpisode('return_blocks'), 4).reduce((a, b) => a + b),
      episodicLength: floats[inEpisode('episodic_length')],
      state: Object.fromEntries(this.floats().map(({ name, offset }) => [name, floats[stateAt + offset]])),
    }
  }

  /** The choices of the latest action, with their mask. */
  private choices(floats: Float32Array): Choice[] {
    const { shape } = this.run.layout
    const r = recordLayout(shape)
    const mask = shape.masked ? Float32Array.from(readMask(floats, r.mask, r, shape.actionDim)) : null
    const row = { out: floats, offset: r.oldOut, own: null, ownOffset: 0, mask, maskOffset: 0 }
    return distributionOf(shape).choices(row)
  }

  destroy(): void {
    this.run.buffers.parameters = this.run.buffers.gradients // the weights belong to the training run
    destroyRun(this.run)
    this.staging.destroy()
    this.chosen.destroy()
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

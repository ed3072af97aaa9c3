/** Fields of the results of `bench`. */
import type { ConvolutionRow } from '../../bench/convolutions'
import type { GrowthRow } from '../../bench/growth'
import type { Measurements } from '../../bench/measure'
import type { ProfileRow } from '../../bench/profile'
import type { BenchRow } from '../../cases/rows'
import type { Provenance } from '../../checkout/provenance'
import type { Fields } from '../../cli/fields'
import type { PairRow } from '../../pairs/pairs'

export const MEASURED: Fields<Pick<Provenance, 'commit' | 'date' | 'node' | 'cpu' | 'cores'>> = {
  commit: { type: 'text or null', help: 'Commit, with + when files were changed.' },
  date: { type: 'text', help: 'When, UTC.' },
  node: { type: 'text', help: 'Version of Node.' },
  cpu: { type: 'text', help: 'The processor.' },
  cores: { type: 'number', help: 'Its cores.' },
}

const WHERE: Fields<
  Pick<BenchRow, 'adapter' | 'isFallbackAdapter' | 'browser' | 'commit' | 'date' | 'node' | 'cpu' | 'cores'>
> = {
  adapter: { type: 'text', help: 'What computed it; software adapters end in "(software)".' },
  isFallbackAdapter: { type: 'true, false or null', help: 'What the adapter says of itself.' },
  browser: { type: 'text or null', help: 'Browser or runtime; null for the CPU reference.' },
  ...MEASURED,
}

const ROW: Fields<BenchRow> = {
  case: { type: 'text', help: 'The case.' },
  who: { type: 'text', help: '`ppo-webgpu`, or another library.' },
  plan: { type: 'text', help: '`fused`, `layered`, `reference`, or the backend of another library.' },
  env: { type: 'text', help: 'Id of the environment.' },
  numAgents: { type: 'number', help: 'Agents.' },
  numEnvs: { type: 'number', help: 'Environments of each.' },
  numSteps: { type: 'number', help: 'Steps of a rollout.' },
  updateEpochs: { type: 'number', help: 'Epochs.' },
  numMinibatches: { type: 'number', help: 'Minibatches.' },
  hidden: { type: 'list of numbers', help: 'Widths of the hidden layers.' },
  unit: { type: 'text', help: 'What is timed, such as `iteration` or `minibatch`.' },
  ms: { type: 'number', help: 'Milliseconds of a unit: median over the repeats.' },
  msMin: { type: 'number', help: 'The shortest.' },
  msMax: { type: 'number', help: 'The longest.' },
  sps: {
    type: 'number or null',
    help: 'Environment steps of all agents per second; optimiser steps for `minibatch`; null for `first-update`.',
  },
  spsMin: { type: 'number or null', help: 'The fewest.' },
  spsMax: { type: 'number or null', help: 'The most.' },
  flopsPerSecond: { type: 'number or null', help: 'Operations of the matmuls per second, without padding.' },
  repeats: { type: 'number', help: 'Timed repeats.' },
  iterations: { type: 'number', help: 'Units in each.' },
  dispatches: { type: 'number or null', help: 'Dispatches in a unit.' },
  dispatchesPerIteration: { type: 'number or null', help: 'Dispatches in an iteration.' },
  hostMsPerIteration: { type: 'number or null', help: "The host's own milliseconds in a unit." },
  firstUpdateSeconds: {
    type: 'number or null',
    help: 'From asking for a device to the first metrics, compilation included.',
  },
  ...WHERE,
  config: { type: 'object', help: 'All options.' },
}

const RATIO: Fields<PairRow['wall']> = {
  median: { type: 'number', help: 'Median over the rounds.' },
  min: { type: 'number', help: 'The smallest.' },
  max: { type: 'number', help: 'The largest.' },
}

const CONVOLUTION: Fields<ConvolutionRow> = {
  case: { type: 'text', help: 'The minibatch step that has it.' },
  layer: { type: 'text', help: 'Its name in policy files.' },
  pass: { type: 'text', help: '`forward`, or the gradient of the `weight` or of the `input`.' },
  kernel: { type: 'text', help: 'Its kernel, with the way its inputs are stored.' },
  m: { type: 'number', help: 'Rows of a minibatch x pixels of the output.' },
  n: { type: 'number', help: 'Output channels.' },
  k: { type: 'number', help: 'Kernel x kernel x input channels.' },
  flopsPerSecond: { type: 'number', help: 'Of `2 M N K` operations: the median over the rounds.' },
  matmulFlopsPerSecond: { type: 'number', help: 'The same of a dense layer with this M, N and K.' },
  ratio: { of: RATIO, help: 'The first divided by the second, round by round.' },
  rounds: { type: 'number', help: 'Rounds; in each both are timed.' },
  ...WHERE,
  config: { type: 'object', help: 'All options.' },
}

export const BENCH_FIELDS: Fields<Measurements> = {
  rows: { each: ROW, help: 'One for each case, size and plan.' },
  skipped: {
    each: {
      case: { type: 'text', help: 'The case.' },
      plan: { type: 'text', help: 'The plan.' },
      numEnvs: { type: 'number', help: 'Environments.' },
      hidden: { type: 'list of numbers', help: 'Widths of the hidden layers.' },
      reason: { type: 'text', help: 'Why it was not measured.' },
    },
    help: 'What was not measured.',
  },
  convolutions: { each: CONVOLUTION, help: 'Of the case `convolutions`: one for each pass of each layer.' },
  python: {
    each: {
      who: { type: 'text', help: 'Library and version.' },
      device: { type: 'text', help: 'What computed it.' },
      python: { type: 'text', help: 'Version of Python.' },
      importSeconds: { type: 'number', help: 'Until the libraries were imported.' },
      compileSeconds: { type: 'number', help: 'Then until its program was compiled.' },
      sps: { type: 'number', help: 'Environment steps per second: the median.' },
      solvedSeconds: {
        type: 'number or null',
        help: 'Training until the last 100 episodes had a mean return of 475; null if it took more than 500,000 steps.',
      },
      solvedSteps: { type: 'number', help: 'Environment steps by then.' },
    },
    help: 'More about the Python rivals of `--rivals` than their rows say.',
  },
  seconds: { type: 'number', help: 'Seconds of the whole bench.' },
  load: {
    of: {
      before: { type: 'number', help: 'Before the bench.' },
      after: { type: 'number', help: 'After it.' },
    },
    help: "The machine's load average of one minute; null if it is not known.",
  },
}

export const PROFILE_FIELDS: Fields<{ profiles: ProfileRow[] }> = {
  profiles: {
    each: {
      case: { type: 'text', help: 'The case.' },
      plan: { type: 'text', help: '`fused` or `layered`.' },
      unit: { type: 'text', help: 'What is timed.' },
      ms: { type: 'number', help: 'Milliseconds of all kernels in a unit.' },
      kernels: {
        each: {
          kernel: { type: 'text', help: 'Its name.' },
          dispatches: { type: 'number', help: 'Dispatches in a unit.' },
          ms: { type: 'number', help: 'Milliseconds in a unit.' },
          flops: { type: 'number', help: 'Operations in a unit, padding included; 0 where they are not counted.' },
        },
        help: 'The kernels.',
      },
      ...WHERE,
      config: { type: 'object', help: 'All options.' },
    },
    help: 'One for each case and plan.',
  },
}

export const PAIR_FIELDS: Fields<{ pairs: PairRow[] }> = {
  pairs: {
    each: {
      case: { type: 'text', help: 'The case.' },
      side: { type: 'text', help: '`this` checkout, the `other` one, or the CPU `reference`.' },
      wallMs: { type: 'number', help: 'Milliseconds of a unit, or of the whole command: median over the rounds.' },
      cpuMs: { type: 'number', help: 'CPU milliseconds of all its processes in that time.' },
      wall: { of: RATIO, help: 'How many times as long as `this`, round by round.' },
      cpu: { of: RATIO, help: 'The same for CPU time.' },
      rounds: { type: 'number', help: 'Rounds.' },
    },
    help: 'Three for each case.',
  },
}

export const GROWTH_FIELDS: Fields<{ growth: GrowthRow[] }> = {
  growth: {
    each: {
      axis: { type: 'text', help: 'What grows.' },
      plan: { type: 'text', help: '`fused` or `layered`: the one that `auto` takes.' },
      x: { type: 'text', help: 'Meaning of x.' },
      points: {
        each: {
          x: { type: 'number', help: 'The size.' },
          ms: { type: 'number', help: 'Milliseconds of an iteration: median over the repeats.' },
        },
        help: 'What was measured.',
      },
      fixed: { type: 'number', help: 'Milliseconds at x = 0 of the line with the least relative squared errors.' },
      per: { type: 'number', help: 'Milliseconds for each.' },
      off: { type: 'number', help: 'The largest distance of a measured time from the line, as a share of the time.' },
      ...WHERE,
    },
    help: 'One for each size that grows.',
  },
}

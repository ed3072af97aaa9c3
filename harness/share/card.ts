/**
 * The model card of a shared policy: README.md with the metadata that the Hugging Face Hub documents
 * (huggingface/hub-docs, modelcard.md), and what a reader wants to know.
 */
import type { Beginning } from './command'
import { block, code, text, type Yaml, yaml } from './markdown'
import type { Snippet } from './python'

export interface CardFacts {
  env: string
  /** Of the repository on the Hub; null: not known yet. */
  repo: string | null
  episodes: number
  seed: number
  meanReturn: number
  stdReturn: number
  /** Version of the library that trained it, and of this one. */
  library: string | null
  version: string
  /** Of a policy that was imported: the program that trained it. */
  adapter: string | null
  /** Another program trained it, by PPO or not. */
  isImported: boolean
  /** What of the environment's parameters was not the default in training. */
  settings: string[]
  beginning: Beginning
  steps: number | null
  trainingSeed: number | null
  options: object | null
  command: string | null
  snippet: Snippet
  /** Names of the files in the folder. */
  files: string[]
  /** Of a user's own environment: the SHA-256 hash of the source that it was trained in; null for a built-in one. */
  source: string | null
  observations: string
  actions: string
}

export const TASK = 'reinforcement-learning'

/** `500.00 +/- 0.00` */
export const score = ({ meanReturn, stdReturn }: Pick<CardFacts, 'meanReturn' | 'stdReturn'>): string =>
  `${meanReturn.toFixed(2)} +/- ${stdReturn.toFixed(2)}`

export function cardMetadata(facts: CardFacts): { [key: string]: Yaml } {
  const { env, repo, isImported } = facts
  const algorithm = isImported ? [] : ['ppo']
  return {
    library_name: 'ppo-webgpu',
    pipeline_tag: TASK,
    tags: [env, 'deep-reinforcement-learning', TASK, ...algorithm, 'ppo-webgpu', 'webgpu', 'onnx'],
    'model-index': [
      {
        name: repo ?? (isImported ? 'agent' : 'PPO'),
        results: [
          {
            task: { type: TASK, name: TASK },
            dataset: { name: env, type: env },
            metrics: [{ type: 'mean_reward', value: score(facts), name: 'mean_reward', verified: false }],
          },
        ],
      },
    ],
  }
}

const FILES: Record<string, string> = {
  'policy.safetensors': 'the weights, the statistics of observations, and where they come from; ppo-webgpu reads it',
  'policy.onnx': 'the same as an ONNX model: raw observations in, the action out',
  'config.json': 'every option of the training, the evaluation, versions',
  'replay.html': 'plays the policy in a browser, without a network: download it and open it',
  'replay.mp4': 'an episode',
  'replay.webm': 'an episode',
  'learning-curve.svg': 'the return while it learned',
}

/** What comes of the command. */
function again({ policy, isExtended }: Beginning): string {
  const from = policy === null ? '' : `The run began with the weights of another policy, ${code(policy)}. `
  const weights = isExtended
    ? 'It went on beyond its first end, so this trains with the same options, and may give other weights'
    : 'The same version and adapter give the same weights'
  return from + weights
}

export function modelCard(facts: CardFacts): string {
  const { env, episodes, seed, library, version, steps, trainingSeed, snippet, files, isImported } = facts
  const adapter = facts.adapter === null ? null : text(facts.adapter)
  const row = (name: string, value: string | null) => (value === null ? [] : [`| ${name} | ${value} |`])
  const film = files.find((name) => /^replay\.(mp4|webm)$/.test(name))
  return [
    `---\n${yaml(cardMetadata(facts))}\n---`,
    `# ${isImported ? 'An' : 'A PPO'} agent for ${text(env)}`,
    `${isImported ? `Trained with ${adapter ?? 'another program'}, and imported into` : 'Trained with'} ppo-webgpu: ` +
      'Proximal Policy Optimization that runs entirely on the GPU, through WebGPU compute shaders.',
    ...(film ? [`<video src="${film}" controls loop muted></video>`] : []),
    `**${score(facts)}** is the mean return of ${episodes} episodes, and their standard deviation: with deterministic ` +
      `actions, evaluation seed ${seed}, in ppo-webgpu's own version of the environment${facts.settings.length > 0 ? ', with its usual parameters' : ''}.`,
    [
      '| | |\n| --- | --- |',
      ...row('environment', code(env)),
      ...row('parameters in training', facts.settings.length > 0 ? facts.settings.map(code).join(', ') : null),
      ...row('its source, SHA-256', facts.source && code(facts.source)),
      ...row('observations', text(facts.observations)),
      ...row('actions', text(facts.actions)),
      ...row('trained for', steps === null ? null : `${steps.toLocaleString('en-US')} steps`),
      ...row('seed', trainingSeed === null ? null : `${trainingSeed}`),
      ...row('trained by', library === null ? null : text(`ppo-webgpu ${library}`)),
      ...row(isImported ? 'trained by' : 'adapter', adapter),
      ...row('evaluated by', text(`ppo-webgpu ${version}, on the CPU`)),
    ].join('\n'),
    ...(files.includes('learning-curve.svg') ? ['![The return while it learned](learning-curve.svg)'] : []),
    '## Files',
    files
      .filter((name) => FILES[name])
      .map((name) => `- ${code(name)}: ${FILES[name]}`)
      .join('\n'),
    ...(facts.source === null
      ? []
      : [
          '## The environment',
          'It is not built into ppo-webgpu, and nothing here has its code but `replay.html`. Other commands need its ' +
            'module, and warn where it has another hash than the one above:',
          block('bash', 'npm run enjoy -- FOLDER --env FILE\nnpm run eval -- FOLDER --env FILE'),
        ]),
    '## In Python',
    ...(snippet.note ? [snippet.note] : []),
    `${code(`pip install ${snippet.packages}`)}, then`,
    block('python', snippet.code),
    '## In JavaScript',
    block(
      'js',
      [
        "import { loadPolicy } from 'ppo-webgpu/policy'",
        "const policy = loadPolicy(new Uint8Array(await (await fetch('policy.safetensors')).arrayBuffer()))",
        'const action = policy.act(obs)',
      ].join('\n'),
    ),
    '## Training it again',
    ...(facts.command === null
      ? ['The policy file does not say how it was trained.']
      : [`${again(facts.beginning)}:`, block('bash', facts.command)]),
    ...(facts.options === null ? [] : ['## Hyperparameters', block('json', JSON.stringify(facts.options, null, 2))]),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n')
}

/**
 * Every option of a run, one row each. Types, defaults, checks and their messages, the command line and its help,
 * sweeps, the controls of the lab, the hyperparameter record of the GPU and the tables of the documentation follow from
 * it.
 */
import { boolean, choice, group, integer, network, number, numberOrNull, widths, widthsOrNull } from './row'

/** Read by kernels from each agent's record, so agents may have different values, and it may change during training. */
const HYPER = { hyper: true, sweepable: true, live: true } as const
/** The same for an option that is not a number: one value for all agents. */
const SWITCH = { hyper: true, live: true } as const
/** Affects only the initial weights. */
const FIRST_WEIGHTS = { sweepable: true } as const

/** Bounds of the adaptive learning rate (rsl_rl's). */
export const ADAPTIVE_LR = { min: 1e-5, max: 1e-2 }

const ADAM = 'Kingma and Ba 2015'
const PPO = 'Schulman et al. 2017'

export const TABLE = {
  ...group('Run', {
    seed: integer(1, { from: 0, to: 0xffffffff }, 'Seed of agent 0; agent k uses seed + k.', {
      ...{ sweepable: true, flag: true },
    }),
    numAgents: integer(
      1,
      { from: 1, to: 32767 },
      'Independent learners that train in parallel, in the same dispatches.',
      { unit: 'agents', flag: true, aka: ['n_agents'] },
    ),
    totalTimesteps: integer(
      500_000,
      { from: 1, to: 2 ** 40 },
      'Environment steps per agent; the last incomplete batch is left out.',
      { unit: 'steps', live: true, flag: true, aka: ['n_timesteps', 'total_steps'] },
    ),
    stopWhenSolved: boolean(
      false,
      "Stop an agent when its mean return passes the environment's reward threshold.",
      SWITCH,
    ),
    evalEvery: integer(
      0,
      { from: 0, to: 2 ** 30 },
      'Evaluate the policy after every so many iterations, in episodes of its own, and keep the best; 0: never.',
      { unit: 'iterations', aka: ['eval_freq', 'eval_interval'] },
    ),
    evalEpisodes: integer(
      20,
      { from: 1, to: 65536 },
      'Episodes of an evaluation, one in each of as many environments, with deterministic actions.',
      { unit: 'episodes', aka: ['n_eval_episodes'] },
    ),
  }),
  ...group('Rollout', {
    numEnvs: integer(32, { from: 1, to: 2 ** 20 }, 'Environments per agent.', {
      ...{ unit: 'environments', flag: true, aka: ['n_envs'] },
    }),
    numSteps: integer(128, { from: 1, to: 65536 }, 'Steps per environment in one rollout.', {
      ...{ unit: 'steps', flag: true, aka: ['n_steps', 'num_steps_per_env', 'rollout_steps', 'horizon'] },
    }),
    bootstrapTruncated: boolean(
      true,
      'At a time limit bootstrap from V(final observation); false: treat it as an end.',
      { hyper: true, source: 'Pardo et al. 2018' },
    ),
    staggerEpisodes: boolean(
      false,
      'Truncate the first episode of each environment at a random step, so that not all end at once; it is not counted.',
      { source: 'rsl_rl' },
    ),
    scaleActions: boolean(
      false,
      'The policy acts in [-1, 1], which is scaled to the bounds of the actions. Stored with the policy.',
      { only: { actions: ['box'], because: 'have no bounds' } },
    ),
    frameStack: integer(
      1,
      { from: 1, to: 8 },
      'Frames that the policy sees at once, of an environment whose observation is a grid; 1: the current one.',
      { unit: 'frames', source: 'Mnih et al. 2015', aka: ['n_stack', 'num_stack', 'stack_size'] },
    ),
    normObs: boolean(
      false,
      'Normalise observations by their running mean and variance, updated after each iteration, clipped to +-10.',
      { aka: ['normalize_obs'] },
    ),
    normReward: boolean(
      false,
      'Divide rewards by the running deviation of discounted returns, updated after each iteration, clipped to +-10.',
      {
        aka: ['normalize_reward'],
        implies: [
          {
            when: true,
            needs: { signReward: false },
            message: 'normReward: signReward leaves nothing to scale. Set one of them false.',
          },
        ],
      },
    ),
    signReward: boolean(false, 'Learn from the sign of each reward, -1, 0 or 1; returns are counted as they are.', {
      ...{ source: 'openai/baselines, Atari', aka: ['clip_reward', 'reward_clipping'] },
    }),
    episodicLife: boolean(
      false,
      'A lost life ends the return that is learned, as a termination does, and the game goes on.',
      { source: 'openai/baselines, Atari', aka: ['episodic_life', 'terminal_on_life_loss'] },
    ),
  }),
  ...group('Advantages', {
    gamma: number(0.99, { from: 0, to: 1 }, 'Discount factor.', {
      ...{ ...HYPER, slider: { from: 0.8, to: 1 }, aka: ['discount_factor'] },
    }),
    gaeLambda: number(0.95, { from: 0, to: 1 }, "GAE's lambda.", {
      ...{ ...HYPER, slider: { from: 0, to: 1 }, source: 'Schulman et al. 2016', aka: ['lambda', 'lam'] },
    }),
    normAdv: boolean(true, 'Normalise the advantages.', {
      ...{ ...SWITCH, aka: ['normalize_advantage'] },
    }),
    normAdvOver: choice(
      ['minibatch', 'batch'],
      'Over what normAdv takes mean and deviation: each minibatch, or the whole batch.',
      {
        ...SWITCH,
        implies: [
          {
            when: 'batch',
            needs: { normAdv: true },
            message:
              'normAdvOver: "batch" says how normAdv normalises, and normAdv is false. Set normAdv true or normAdvOver "minibatch".',
          },
        ],
      },
    ),
  }),
  ...group('Objective', {
    algorithm: choice(['clip', 'penalty'], 'Clipped surrogate, or KL penalty.', {
      ...{ live: true, leads: true, source: `${PPO}, sections 3, 4` },
      implies: [
        {
          when: 'penalty',
          needs: { targetKl: 'not null' },
          message: 'targetKl: penalty mode needs a target KL. Set targetKl, for example 0.01.',
        },
      ],
    }),
    clipCoef: number(0.2, { above: 0, to: 100 }, 'Clip range of the probability ratio.', {
      ...{ ...HYPER, slider: { from: 0.01, to: 1 }, only: { algorithm: 'clip' } },
      aka: ['clip_range', 'clip_param', 'clip_eps', 'clip_epsilon', 'eps_clip', 'clip_ratio'],
    }),
    annealClipCoef: boolean(false, 'Anneal clipCoef linearly to 0 over the run, as annealLr.', {
      ...{ ...SWITCH, source: `${PPO}, Atari`, only: { algorithm: 'clip' } },
      implies: [
        {
          when: true,
          needs: { algorithm: 'clip' },
          message: 'annealClipCoef: penalty mode has no clip range. Set annealClipCoef false.',
        },
      ],
    }),
    dualClip: numberOrNull({ above: 1, to: 1e6 }, 'Bound the loss where A < 0: at most -A dualClip; null: no bound.', {
      ...{ ...HYPER, source: 'Ye et al. 2020', only: { algorithm: 'clip' }, example: 3 },
      implies: [
        {
          when: 'not null',
          needs: { algorithm: 'clip' },
          message: 'dualClip: penalty mode does not clip. Set dualClip null.',
        },
      ],
    }),
    klCoef: number(1, { from: 1e-6, to: 1e6 }, 'Initial coefficient of the KL penalty.', {
      ...{ ...HYPER, unit: 'per nat', slider: { from: 0.01, to: 100, log: true } },
      ...{ source: `${PPO}, section 4`, only: { algorithm: 'penalty' } },
    }),
    targetKl: numberOrNull(
      { above: 0, to: 1000 },
      'clip: skip the rest of an update once approxKl exceeds it; penalty: the target KL.',
      { ...HYPER, unit: 'nats', example: 0.01 },
    ),
    clipVloss: boolean(true, 'Clip the value loss around the old value.', {
      ...{ ...SWITCH, aka: ['use_clipped_value_loss'] },
    }),
    vfClipCoef: numberOrNull(
      { above: 0, to: 1e6 },
      'Clip range of the value; null: clipCoef as annealed (0.2 in penalty mode).',
      { ...HYPER, aka: ['clip_range_vf', 'vf_clip_param'] },
    ),
    vfCoef: number(0.5, { from: 0, to: 1000 }, 'Weight of the value loss.', {
      ...{ ...HYPER, slider: { from: 0, to: 2 }, aka: ['value_coef', 'value_loss_coef'] },
    }),
    entCoef: number(0.01, { from: -10, to: 10 }, 'Weight of the entropy bonus.', {
      ...{ ...HYPER, unit: 'per nat', slider: { from: 0, to: 0.1 }, aka: ['entropy_coef'] },
    }),
    annealEntCoef: boolean(false, 'Anneal entCoef linearly to 0 over the run, as annealLr.', SWITCH),
  }),
  ...group('Optimiser', {
    updateEpochs: integer(4, { from: 1, to: 1024 }, 'Passes over the rollout in one iteration.', {
      ...{ unit: 'epochs', aka: ['n_epochs', 'num_epochs', 'k_epochs', 'num_learning_epochs'] },
    }),
    numMinibatches: integer(4, { from: 1, to: 65536 }, 'Minibatches per epoch; must divide numEnvs x numSteps.', {
      unit: 'minibatches',
      aka: ['batch_size', 'minibatch_size', 'n_minibatches', 'num_mini_batches'],
    }),
    learningRate: number(2.5e-4, { from: 0, to: 10 }, "Adam's step size at the start.", {
      ...{ ...HYPER, slider: { from: 1e-5, to: 1e-1, log: true }, aka: ['lr', 'step_size'] },
    }),
    annealLr: boolean(true, 'Anneal the learning rate linearly to 0 over the run.', {
      ...{ ...SWITCH, source: 'CleanRL' },
    }),
    adaptiveLr: boolean(
      false,
      `Learning rate x 1.5 after a minibatch with kl < desiredKl / 2, / 1.5 with kl > 2 desiredKl, inside ${ADAPTIVE_LR.min.toExponential()} to ${ADAPTIVE_LR.max.toExponential()}.`,
      {
        ...{ ...SWITCH, source: 'rsl_rl' },
        implies: [
          {
            when: true,
            needs: { annealLr: false },
            message:
              'annealLr: the learning rate cannot be annealed and adaptive at once. Set annealLr false or adaptiveLr false.',
          },
          {
            when: true,
            needs: { desiredKl: 'not null' },
            message: 'desiredKl: adaptiveLr needs a target KL. Set desiredKl, for example 0.01.',
          },
        ],
      },
    ),
    desiredKl: numberOrNull({ above: 0, to: 1000 }, 'The target KL of adaptiveLr, for example 0.01.', {
      ...{ ...HYPER, unit: 'nats', example: 0.01, source: 'rsl_rl' },
      implies: [
        {
          when: 'not null',
          needs: { adaptiveLr: true },
          message: 'desiredKl: only adaptiveLr uses it. Set adaptiveLr true and annealLr false, or desiredKl null.',
        },
      ],
    }),
    maxGradNorm: number(0.5, { above: 0, to: 1e9 }, 'Global norm above which a gradient is scaled down.', {
      ...{ ...HYPER, slider: { from: 0.05, to: 10, log: true }, aka: ['grad_clip', 'clip_grad_norm'] },
    }),
    adamBeta1: number(0.9, { from: 0, below: 1 }, "Decay of Adam's first moment.", {
      ...{ ...HYPER, source: ADAM, aka: ['beta1'] },
    }),
    adamBeta2: number(0.999, { from: 0, below: 1 }, "Decay of Adam's second moment.", {
      ...{ ...HYPER, source: ADAM, aka: ['beta2'] },
    }),
    adamEps: number(1e-5, { above: 0, to: 1 }, "Adam's epsilon.", {
      ...{ ...HYPER, source: ADAM, aka: ['eps', 'adam_epsilon'] },
    }),
    weightDecay: number(0, { from: 0, to: 10 }, 'Decoupled weight decay of all parameters (AdamW).', {
      ...{ ...HYPER, source: 'Loshchilov and Hutter 2019' },
    }),
  }),
  ...group('Network', {
    network: network(
      'The hidden layers: `mlp`, dense layers of `hidden` units with `activation`; a list; or one with a name.',
      { aka: ['policy_type', 'cnn_policy', 'net'] },
    ),
    hidden: widths([64, 64], 'Widths of the hidden layers.', {
      ...{ unit: 'units', aka: ['net_arch', 'hidden_sizes', 'hidden_dims', 'hidden_layers'] },
    }),
    actorHidden: widthsOrNull("Widths of the actor's hidden layers; null: hidden.", {
      ...{ unit: 'units', aka: ['actor_hidden_dims'] },
    }),
    criticHidden: widthsOrNull("Widths of the critic's hidden layers; null: hidden.", {
      ...{ unit: 'units', aka: ['critic_hidden_dims'] },
    }),
    sharedTrunk: boolean(false, 'Actor and critic share all hidden layers; each has its own output layer.'),
    activation: choice(['tanh', 'relu', 'silu', 'elu'], 'Activation of the hidden layers.', {
      aka: ['activation_fn', 'activation_function'],
    }),
    hiddenGain: number(
      Math.SQRT2,
      { from: 0, to: 100 },
      'Gain of the orthogonal initial weights of the hidden layers.',
      FIRST_WEIGHTS,
    ),
    actorGain: number(
      0.01,
      { from: 0, to: 100 },
      "Gain of the orthogonal initial weights of the actor's last layer.",
      FIRST_WEIGHTS,
    ),
    criticGain: number(
      1,
      { from: 0, to: 100 },
      "Gain of the orthogonal initial weights of the critic's last layer.",
      FIRST_WEIGHTS,
    ),
    logStdInit: number(0, { from: -20, to: 2 }, 'Initial log standard deviation of a Gaussian policy.', {
      ...FIRST_WEIGHTS,
      only: { actions: ['box'], because: 'have no standard deviation' },
    }),
  }),
  ...group('Computation', {
    plan: choice(['auto', 'fused', 'layered'], 'How the computation is split into dispatches.'),
    autotune: boolean(
      true,
      'Time the fused kernels with several numbers of threads first, on hardware. The results are bit-identical.',
    ),
  }),
}

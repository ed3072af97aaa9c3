/** Names in plain words: `learningRate` is "learning rate", `numEnvs` "number of environments". */

/** Where the words of the name alone would not say it. */
const WHOLE: Record<string, string> = {
  gamma: 'discount factor',
  clipCoef: 'clip range',
  annealClipCoef: 'anneal the clip range',
  vfClipCoef: 'clip range of the value',
  vfCoef: 'weight of the value loss',
  entCoef: 'weight of the entropy bonus',
  annealEntCoef: 'anneal the entropy bonus',
  klCoef: 'weight of the KL penalty',
  annealLr: 'anneal the learning rate',
  bootstrapTruncated: 'look beyond time limits',
  hidden: 'hidden layers',
  hiddenGain: 'initial weights, hidden layers',
  actorGain: 'initial weights, actor’s last layer',
  criticGain: 'initial weights, critic’s last layer',
  logStdInit: 'initial log standard deviation',
  normAdvOver: 'normalise advantages over',
  updateEpochs: 'epochs of an update',
  adamBeta1: 'Adam’s first decay',
  adamBeta2: 'Adam’s second decay',
  adamEps: 'Adam’s epsilon',
  plan: 'plan of the computation',
}

const WORDS: Record<string, string> = {
  num: 'number of',
  envs: 'environments',
  obs: 'observations',
  reward: 'rewards',
  adv: 'advantages',
  norm: 'normalise',
  coef: 'coefficient',
  lr: 'learning rate',
  kl: 'KL',
  gae: 'GAE',
  vloss: 'value loss',
  grad: 'gradient',
  max: 'largest',
}

const wordsOf = (name: string): string[] =>
  (name.match(/[A-Z]?[^A-Z_]+|[A-Z]/g) ?? [name]).map((word) => word.toLowerCase())

/** The name of an option in plain words. */
export function plainName(name: string): string {
  if (Object.hasOwn(WHOLE, name)) return WHOLE[name]
  // `maxGradNorm` is a length, `normObs` something that is done.
  const plain = (word: string, i: number) =>
    word === 'norm' && i > 0 ? word : Object.hasOwn(WORDS, word) ? WORDS[word] : word
  return wordsOf(name).map(plain).join(' ')
}

/** The name of an environment's parameter: `windPower` is "wind power". */
export const plainParam = (name: string): string => wordsOf(name).join(' ')

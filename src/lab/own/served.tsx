/**
 * In place of main.tsx where `npm start -- --env FILE` serves the lab: opens the user's own environment, and again
 * whenever one of its files is saved.
 */
import { render } from 'preact'
import { sourceHash } from '../../env/source'
import { specsIn } from '../../envcheck/module'
import { App } from '../app'
import { own } from '../environments'
import { Missing } from '../panels/missing'
import { env, given, notice, playing, standing } from '../state'
import { restart } from '../store/runs'
import { whyMissing } from '../support'
import { startThreadsBy } from '../thread'
import { startWorker } from '../workerthread'
import { OWN_CODE, OWN_EVENT, OWN_STATE, type Told } from './told'
import { Wrong } from './wrong'

startThreadsBy(startWorker)
const root = document.getElementById('lab')!
const address = (path: string): string => new URL(path, document.baseURI).href
let isOpen = false
let latest = -1

/** The environment of this version, for the page and its Worker. */
async function adopt({ version, file, name }: Told): Promise<void> {
  const url = address(`${OWN_CODE}?v=${version}`)
  const all = specsIn(await import(/* @vite-ignore */ url))
  const found = all.find((one) => name === null || one.name === name)!
  const { twin, ...spec } = found.spec
  const module = twin && { url, name: found.name }
  own.value = { spec, file: name === null ? file : `${file}:${name}`, source: sourceHash(spec), module }
}

function start(): void {
  isOpen = true
  root.replaceChildren()
  render(<App />, root)
}

/** A new run of the environment, unless another one is shown. */
function again(file: string, before: string | undefined): void {
  if (env.value !== before) return
  env.value = own.value!.spec.id
  if (env.value !== before) given.value = {}
  if (standing.value === null) playing.value = true // what stopped the run may be mended
  if (!restart()) notice.value = { kind: 'info', text: `${file} was read again: a new run has begun.` }
}

async function take(told: Told): Promise<void> {
  if (told.version <= latest) return
  latest = told.version
  if (told.error !== null) {
    if (isOpen) notice.value = { kind: 'error', text: told.error }
    else render(<Wrong text={told.error} advice="Mend it and save: this page goes on by itself." />, root)
    return
  }
  const before = own.value?.spec.id
  await adopt(told)
  if (isOpen) again(told.file, before)
  else start()
}

let queue = Promise.resolve()
const enqueue = (told: Told) => {
  queue = queue.then(() => take(told))
}

const reason = await whyMissing()
root.replaceChildren()
if (reason) render(<Missing reason={reason} />, root)
else {
  import.meta.hot?.on(OWN_EVENT, enqueue)
  enqueue(await (await fetch(address(OWN_STATE))).json())
}

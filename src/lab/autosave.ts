/**
 * Saves the run in this browser's storage, so that a reload continues it. Every tab has its own; a newly opened tab
 * starts without one.
 */
import type { Snapshot } from './protocol'
import type { SavedHistory } from './series'

export interface Saved {
  /** The environment and options as a link: a different link means a different run. */
  link: string
  /** Whether a software adapter computed it. */
  software: boolean
  snapshot: Snapshot
  history: SavedHistory
}

const [NAME, STORE] = ['ppo-lab', 'runs']
/** Number of tabs whose runs are stored; the oldest are deleted first. */
const MOST_TABS = 4

/** This tab's name: unchanged by a reload, and larger in newer tabs. */
function tabName(): string {
  const known = sessionStorage.getItem(NAME)
  if (known) return known
  const name = `${Date.now()}-${Math.random()}`
  sessionStorage.setItem(NAME, name)
  return name
}

function openStore(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

async function transact<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await openStore()
  try {
    return await new Promise((resolve, reject) => {
      const request = act(database.transaction(STORE, mode).objectStore(STORE))
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  } finally {
    database.close()
  }
}

/** Storage may be full or forbidden; then nothing is saved, and a reload starts a new run. */
export async function saveRun(saved: Saved): Promise<void> {
  try {
    await transact('readwrite', (store) => store.put(saved, tabName()))
    const tabs = await transact('readonly', (store) => store.getAllKeys())
    for (const old of tabs.slice(0, -MOST_TABS)) await transact('readwrite', (store) => store.delete(old))
  } catch {}
}

export async function forgetRun(): Promise<void> {
  try {
    await transact('readwrite', (store) => store.delete(tabName()))
  } catch {}
}

/** What this tab saved last, if it belongs to `link` and this kind of adapter. */
export async function savedRun(link: string, software: boolean): Promise<Saved | undefined> {
  try {
    const saved: Saved | undefined = await transact('readonly', (store) => store.get(tabName()))
    return saved?.link === link && saved.software === software ? saved : undefined
  } catch {
    return undefined
  }
}

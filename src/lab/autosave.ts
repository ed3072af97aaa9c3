/** The run as it was a moment ago, in this browser's own storage: a reload goes on from there. */
import type { Snapshot } from './protocol'
import type { SavedHistory } from './series'

export interface Saved {
  /** The link of the page that saved it: another link is another run. */
  link: string
  /** Whether it had been computed by a software adapter. */
  software: boolean
  snapshot: Snapshot
  history: SavedHistory
}

const [NAME, STORE, KEY] = ['ppo-lab', 'runs', 'latest']

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

/** Storage may be full or forbidden; then there is nothing to go on from, and that is all. */
export const saveRun = (saved: Saved): Promise<unknown> =>
  transact('readwrite', (store) => store.put(saved, KEY)).catch(() => undefined)

export const forgetRun = (): Promise<unknown> =>
  transact('readwrite', (store) => store.delete(KEY)).catch(() => undefined)

/** What was saved last, if it belongs to `link` and this kind of adapter. */
export async function savedRun(link: string, software: boolean): Promise<Saved | undefined> {
  const saved: Saved | undefined = await transact('readonly', (store) => store.get(KEY)).catch(() => undefined)
  return saved?.link === link && saved.software === software ? saved : undefined
}

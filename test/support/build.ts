import { buildPage } from '../../harness/build.js'

/** The page that the tests drive is that of the current sources. */
export const setup = (): Promise<void> => buildPage()

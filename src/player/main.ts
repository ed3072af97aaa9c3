/** What a page with a player runs first; its last script calls `ppoPlayer.start`. */
export { start } from './start'

/// The whole picture is observed.
const FRAME_LEFT = 0u;
const FRAME_TOP = 0u;
const FRAME_WIDTH = 84u;
const FRAME_HEIGHT = 84u;

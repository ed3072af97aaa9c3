// What `terminated` of a record holds, as a float: bits. Whoever does not look for faults asks whether it is 0.
const FLAG_TERMINATED = 1u;       // the task ended with this step
const FLAG_STATE_NOT_FINITE = 2u; // the step led to a state that is not finite
const FLAG_STANDS_STILL = 4u;     // a result was not finite: the environment stays in the state before the step

#!/usr/bin/env node
// What $BROWSER names in the conformance run: a browser without a person. The suite's authorization server lets
// everybody in, so following its redirect back to the loopback address is the whole sign-in.
const answer = await fetch(process.argv.at(-1));
process.exit(answer.ok ? 0 : 1);

/** The version of the worker protocol that this SDK speaks (docs/worker-protocol.md). */
export const PROTOCOL_VERSION = 1;

/** Shown to operators in `hello.sdk`; kept equal to package.json by a test. */
export const SDK_VERSION = '0.1.0';

export const SDK_NAME = '@reactor/jobs-sdk';

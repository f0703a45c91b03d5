// The one copy of graphql-js. The package holds itself twice, as CommonJS and as ES modules, and refuses schemas made by its other
// self. Node gives every library the CommonJS one; naming the file makes bundler-like resolvers (the test runner's) give us the same.
export * from 'graphql/index.js';

; Definitions of Elixir, whose `def` and `defmodule` are calls like any other.
(comment) @attached
((unary_operator operator: "@" operand: (call target: (identifier) @_attribute)) @attached
  (#any-of? @_attribute "doc" "spec" "impl" "deprecated" "typedoc"))

((call target: (identifier) @_keyword (arguments . (alias) @name) (do_block) @body
  ) @container.module
  (#any-of? @_keyword "defmodule" "defprotocol"))
((call target: (identifier) @_keyword (arguments . (alias) @name) (do_block) @body
  ) @extension.implementation
  (#any-of? @_keyword "defimpl"))
((call
  target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: (call target: (identifier) @name))
    (binary_operator left: (identifier) @name)])) @definition.function
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop" "defguard" "defguardp" "defdelegate"
    "defn" "defnp"))
((unary_operator operator: "@" operand: (call
  target: (identifier) @_attribute
  (arguments . (binary_operator left: [
    (call target: (identifier) @name)
    (identifier) @name])))) @definition.type
  (#any-of? @_attribute "type" "typep" "opaque"))

; Definitions of Ruby: classes, modules, methods, constants, attributes.
(comment) @attached

(class name: [(constant) (scope_resolution)] @name) @container.class
(module name: [(constant) (scope_resolution)] @name) @container.module
(method name: (_) @name) @definition.method
(singleton_method name: (_) @name) @definition.method
(alias name: (_) @name) @definition.method
(assignment left: (constant) @name) @definition.constant
((call method: (identifier) @_method arguments: (argument_list (simple_symbol) @name)
  ) @member.attribute
  (#any-of? @_method "attr_accessor" "attr_reader" "attr_writer"))
((call method: (identifier) @_method arguments: (argument_list . (simple_symbol) @name)
  ) @definition.method
  (#any-of? @_method "define_method" "scope" "alias_method"))

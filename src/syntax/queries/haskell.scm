; Definitions of Haskell: signatures with their equations, types, classes and instances.
[(comment) (haddock) (pragma)] @attached

(declarations [
  (signature name: [(variable) (prefix_id)] @name)
  (function name: [(variable) (prefix_id)] @name)
  (bind name: [(variable) (prefix_id)] @name)] @definition.function)
(class_declarations [
  (signature name: [(variable) (prefix_id)] @name)
  (function name: [(variable) (prefix_id)] @name)
  (bind name: [(variable) (prefix_id)] @name)] @definition.function)
(instance_declarations [
  (function name: [(variable) (prefix_id)] @name)
  (bind name: [(variable) (prefix_id)] @name)] @definition.function)
(data_type name: (name) @name) @definition.type
(newtype name: (name) @name) @definition.type
(type_synonym name: (name) @name) @definition.type
(type_family name: (name) @name) @definition.type
(data_family name: (name) @name) @definition.type
(class name: (name) @name) @container.class
(instance patterns: (type_patterns . (_) @name)) @extension.instance
(data_constructor constructor: (_ name: (constructor) @name)) @definition.constructor
(newtype_constructor name: (constructor) @name) @definition.constructor
(gadt_constructor name: (constructor) @name) @definition.constructor
(field name: (field_name) @name) @member.field

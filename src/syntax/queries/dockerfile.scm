; Stages of a Dockerfile.
(comment) @attached

(from_instruction as: (image_alias) @name) @heading.stage
(from_instruction (image_spec name: (image_name) @name) !as) @heading.stage

# SPDX-License-Identifier: Apache-2.0
# The vendor's rknn_convert file, as its examples write it.
cp "$EXAMPLE"/* .
cat >model_config.yml <<'END'
models:
    # model output name
    digits:
        # Original model framework
        platform: pytorch
        model_file_path: ./logistic.pt
        quantize: true
        dataset: ./dataset.txt
        subgraphs:
          inputs:
            - x
          input-size-list:
            - 1,784
        configs:
          mean_values: [[0]]
          std_values: [[1]]
          reorder_channel: '0 1 2'
          target_platform: [rv1109]
          quantized_dtype: asymmetric_quantized-u8
          optimization_level: 3
          epochs: -1
END
inchip convert --config model_config.yml && inchip inspect --command digits.ic && inchip run digits.ic -i 9.png 2>/dev/null | tail -n 1
sed -e 's/inputs:/inputs: [x]\n          outputs: [softmax]/;/- x$/d' model_config.yml >cut.yml; inchip convert --config cut.yml
sed -e 's/asymmetric_quantized-u8/dynamic_fixed_point-i8/' model_config.yml >i8.yml; inchip convert --config i8.yml
sed -e 's/ optimization_level/ optimisation_level/' model_config.yml >typo.yml; inchip convert --config typo.yml
(cat model_config.yml; sed -e 1d -e 's/digits/more/;s/quantize: true/quantize: false/' model_config.yml) >two.yml; mkdir out; inchip convert --config two.yml -o out/ 2>/dev/null; ls out; inchip convert --config two.yml -o x.ic

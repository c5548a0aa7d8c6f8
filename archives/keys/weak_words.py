"""Words that many people take for a password: guessed first, so refused (``password.check_password``)."""

from __future__ import annotations

_LATIN = """
password passw0rd passwd pass admin administrator root guest user login welcome hello default changeme
secret letmein master test testtest computer internet windows superman batman michael jordan football
sunshine princess dragon monkey iloveyou loveyou trustnoone qwerty qwertyuiop qwer qwe asd asdf asdfgh
asdfghjkl zxc zxcvbn zxcvbnm qaz qazwsx qazwsxedc wsx edc qweasd qweasdzxc abc abcd abcde abcdef abcdefg
aaa xyz a aa woaini woaiwojia woaizhongguo woaizuguo woaibeijing zhongguo beijing shanghai nihao wodemima
mima mimashi mimamima kaixin xiaoxin xiaoming baobao laopo laogong mama baba taobao weixin woshishei
guanliyuan zhangsan lisi wangwu kangdang kangfu dangan shegong jingshen kangfuzhongxin shehuigongzuo
shequkangfu
"""
_HAN = """
床前明月光 床前明月光疑是地上霜 举头望明月低头思故乡 白日依山尽黄河入海流
春眠不觉晓处处闻啼鸟 锄禾日当午汗滴禾下土 我爱你 我爱我家
我爱中国 我爱北京天安门 中华人民共和国 中华人民共和国万岁 好好学习天天向上 为人民服务
生日快乐
祝你生日快乐 恭喜发财 万事如意 芝麻开门 康档 社区康复 精神障碍社区康复 精神障碍社区康复服务
"""
COMMON = frozenset(_LATIN.split()) | frozenset(_HAN.split())
"""Small letters without digits and signs."""
